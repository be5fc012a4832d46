/** How to ask and how long to wait; all other parameters are part of what is asked for. */
const VOLATILE = [
  'timeout',
  'timeoutSeconds',
  'resourceVersion',
  'resourceVersionMatch',
  'limit',
  'continue',
  'pretty',
];
const EVENTS = /^\/(api\/v1|apis\/events\.k8s\.io\/v1)\/(namespaces\/[^/]+\/)?events(\/|$)/;
/** They are POSTed, and change nothing. */
const REVIEWS = /^\/apis\/(authorization|authentication)\.k8s\.io\//;

export function kindOfRequest(method: string, url: string): 'read' | 'write' | 'event' {
  const path = url.replace(/\?.*/, '');
  if (isAboutServers(url)) return 'read';
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) || REVIEWS.test(path)) return 'read';
  return EVENTS.test(path) ? 'event' : 'write';
}

/** Whether it is about what the operator publishes of its servers: of none of the tenants that are there, and at any time. */
export function isAboutServers(url: string): boolean {
  return url.replace(/\?.*/, '').endsWith('/configmaps/tenantry-left-over');
}

/** `PATCH /api/v1/namespaces/acme?fieldManager=tenantry`, `POST /api/v1/namespaces (acme)`. */
export function describeWrite(method: string, url: string, body: string): string {
  const [path = '', query] = url.split('?');
  const parameters = new URLSearchParams(query);
  for (const name of VOLATILE) parameters.delete(name);
  const rest = parameters.size > 0 ? `?${parameters}` : '';
  const { metadata, status } = parsed(body);
  const { name, generateName } = metadata ?? {};
  // The path of a POST has no name.
  const created = method === 'POST' ? ` (${name ?? `${generateName ?? ''}*`})` : '';
  // One object is told many things of: that it is ready is another write than that it is not.
  const ready = status?.conditions?.find(({ type }: { type: string }) => type === 'Ready')?.reason;
  return `${method} ${path}${rest}${created}${ready ? ` (${ready})` : ''}`;
}

/** `Warning CredentialsMissing Tenant/acme: The Secret is gone`, of either of the two kinds of Event. */
export function describeEvent(body: string): string {
  const { type, reason, message, note, involvedObject, regarding } = parsed(body);
  const { kind, name } = involvedObject ?? regarding ?? {};
  return `${type} ${reason} ${kind}/${name}: ${message ?? note}`;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the operator sends
function parsed(body: string): any {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}
