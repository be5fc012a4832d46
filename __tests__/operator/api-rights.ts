/** What a right in RBAC is about: a verb on a kind of object, such as `patch tenantry.dev/tenants/status`. */
export type Right = `${string} ${string}`;

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const API = /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+\/(?<rest>.+)$/;

/**
 * The rights that a request needs; none where everybody may ask, as for what kinds there are. Server-side apply needs the right to patch,
 * and where it makes an object, which shows in the status, the one to create too.
 */
export function rightsFor(method: string, url: string, status: number): Right[] {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const found = API.exec(pathname)?.groups;
  if (!found?.rest) return [];
  const { kind, name, subresource } = parts(found.rest);
  const what = [found.group, kind, subresource].filter(Boolean).join('/');
  if (method === 'GET') {
    if (name) return [`get ${what}`];
    return [searchParams.get('watch') === 'true' ? `watch ${what}` : `list ${what}`];
  }
  const verb = VERBS[method] ?? method;
  return method === 'PATCH' && status === 201 ? [`${verb} ${what}`, `create ${what}`] : [`${verb} ${what}`];
}

function parts(rest: string) {
  const all = rest.split('/');
  // A namespace is an object as well, and where others lie.
  const [kind, name, subresource] = all[0] === 'namespaces' && all.length > 2 ? all.slice(2) : all;
  return { kind, name, subresource };
}
