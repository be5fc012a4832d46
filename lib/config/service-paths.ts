import { z } from 'zod';

/** No segment of dots alone: "." and ".." are resolved by clients, and an Ingress refuses them. The Tenant definition has the same pattern. */
const PATH = /^(\/|(\/\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+)$/;
const HEALTH_PATH = /^(\/(?!\.\.?(\/|$))[^\s?#{}/]*)+$/;

const text = (example: string) => z.string(`must be a path in text, such as ${example}, or null`);

export const servicePath = text('/api')
  .regex(
    PATH,
    'must be "/" or such as /api/v1: letters, digits, "-", ".", "_" and "~" after each "/", no part of dots alone',
  )
  .max(255, 'must have at most 255 characters');

export const healthPath = text('/v1/health')
  .regex(HEALTH_PATH, 'must be an absolute path, such as /v1/health, with no part "." or ".."')
  .max(1024, 'must have at most 1024 characters');

/** Where a service is reached and where its health is asked, as a person wrote it: null is no such path, and what is absent has a default. */
interface WrittenPaths {
  readonly path?: string | null | undefined;
  readonly healthPath?: string | null | undefined;
}

export interface ServicePaths {
  readonly path?: string;
  readonly healthPath?: string;
}

/** The paths of a service with their defaults; absent where it has none. */
export function servicePaths(name: string, written: WrittenPaths): ServicePaths {
  // What answers no HTTP has nothing to show at a host.
  const defaultPath = written.healthPath === null ? null : `/${name}`;
  const path = written.path === undefined ? defaultPath : written.path;
  // Below the service's own path, since a request arrives with the path that it was sent to.
  const defaultHealthPath = `${path === null || path === '/' ? '' : path}/v1/health`;
  const health = written.healthPath === undefined ? defaultHealthPath : written.healthPath;
  return { ...(path !== null && { path }), ...(health !== null && { healthPath: health }) };
}

/** Whether a request for `requested` goes to `path`, as `pathType: Prefix` of an Ingress has it: "/api" takes "/api/x" and not "/apix". */
export function isBelow(path: string, requested: string): boolean {
  return path === '/' || requested === path || requested.startsWith(`${path}/`);
}

/** Which of these an Ingress sends a request to: the longest path that takes it. */
export function routed<Service extends { readonly path: string }>(
  requested: string,
  services: readonly Service[],
): Service | undefined {
  return services
    .filter(({ path }) => isBelow(path, requested))
    .reduce<Service | undefined>(
      (best, next) => (best && best.path.length >= next.path.length ? best : next),
      undefined,
    );
}
