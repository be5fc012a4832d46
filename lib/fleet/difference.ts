import type { Drift } from './drift';

/** What differs of a tenant, after its name: `apiserver replicas is 9, and should be 3`. */
export function difference({ service, field, live, wanted }: Drift): string {
  if (field === 'service' && live === undefined) return `has no service ${service}`;
  if (field === 'service') return `has a service ${service}, which the platform has not`;
  const what = service === undefined ? field : `${service} ${field}`;
  if (field === 'image') return `${what} is ${digest(live)}, and should be ${digest(wanted)}`;
  return `${what} is ${live ?? 'not set'}, and should be ${wanted ?? 'left out'}`;
}

/** As docker shows one. */
function digest(reference = ''): string {
  return reference.replace(/^.*@sha256:/, '').slice(0, 12);
}
