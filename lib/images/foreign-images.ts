import type { Registry } from '../config/platform';
import type { RunningImage } from './live';
import { isDigest, registryHost } from './pinned-image';
import type { ImageRequest } from './request';

/** What runs of these services for these tenants and is no image of theirs in the registry, such as one that somebody set by hand. */
export function foreignImages(
  running: readonly RunningImage[],
  requests: readonly ImageRequest[],
  registry: Registry,
): RunningImage[] {
  const host = registryHost(registry);
  return running.filter((one) => {
    const [request] = requests.filter(
      ({ service, tenants }) =>
        service === one.service && (one.tenant === undefined ? tenants.length === 0 : tenants.includes(one.tenant)),
    );
    if (!request) return false;
    return one.registry !== host || one.repository !== request.repository || !isDigest(one.digest);
  });
}

/** For people: `globex web-client docker.io/web-client@sha256:...`. */
export function describeForeign({ tenant, service, registry, repository, digest }: RunningImage): string {
  const reference = `${registry === '' ? '' : `${registry}/`}${repository}${digest === '' ? '' : `@${digest}`}`;
  return [...(tenant === undefined ? [] : [tenant]), service, reference].join(' ');
}
