import { randomInt } from 'node:crypto';
import type { ClusterApi } from '../parts/cluster-api';
import { hasAilment } from '../unhealthy-image';
import { backendFor, type Ingress } from './ingress';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

interface List<Item> {
  readonly items: readonly Item[];
}

interface Labelled {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>>; readonly deletionTimestamp?: string };
}

interface Service {
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

interface Pod extends Labelled {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Answers as the pod would that an ingress controller sends the request to, from what the cluster says at this moment. */
export async function answer(cluster: ClusterApi, host: string, path: string): Promise<Answer> {
  const ingresses = await cluster.get<List<Ingress>>('/apis/networking.k8s.io/v1/ingresses');
  const backend = backendFor(ingresses?.items ?? [], host, path);
  if ('reason' in backend) return unavailable(404, backend.reason);

  const { namespace, service: name } = backend;
  const folder = `/api/v1/namespaces/${namespace}`;
  const service = await cluster.get<Service>(`${folder}/services/${name}`);
  if (!service) return unavailable(503, `there is no Service ${name} in ${namespace}`);
  const selector = Object.entries(service.spec.selector ?? {}).map(([label, value]) => `${label}=${value}`);
  // An empty one would select every pod.
  if (selector.length === 0) return unavailable(503, `the Service ${name} in ${namespace} selects no pods`);

  const query = new URLSearchParams({ labelSelector: selector.join(',') });
  const [space, pods] = await Promise.all([
    cluster.get<Labelled>(folder),
    cluster.get<List<Pod>>(`${folder}/pods?${query}`),
  ]);
  const all = pods?.items ?? [];
  const ready = all.filter(isReady);
  // Any of them, as there: while a new image is rolled out, the old one still answers now and then.
  const pod = ready.length > 0 ? ready[randomInt(ready.length)] : undefined;
  if (!pod) return unavailable(503, `none of the ${all.length} pods of ${name} in ${namespace} is ready`);

  const tenant = space?.metadata.labels?.['tenantry.dev/tenant'] ?? namespace;
  const commit = pod.metadata.labels?.['git.sha'];
  if (hasAilment('answers', commit)) return unavailable(503, `${name} was published to answer this (${commit})`);
  return { status: 200, body: { status: 'ok', tenant, service: name, commit } };
}

function isReady({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  );
}

function unavailable(status: number, reason: string): Answer {
  return { status, body: { status: 'unavailable', reason } };
}
