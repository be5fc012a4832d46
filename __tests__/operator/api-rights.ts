import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';

/** What RBAC is asked for one request: a verb on a kind of object such as `tenantry.dev/tenants/status`, where, and of what name. */
export interface AccessRequest {
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** The smallest thing that a role grants: one verb on one kind, of one name or of any. */
export interface Grant {
  readonly role: string;
  readonly verb: string;
  readonly resource: string;
  readonly name?: string;
  /** Where the role is bound: everywhere, or in namespaces that start so. */
  readonly namespaces?: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const API = /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+\/(?<rest>.+)$/;
const BINDINGS = 'rbac.authorization.k8s.io/rolebindings';
const FORBIDDEN = 403;

/**
 * What RBAC is asked for an HTTP request: nothing where everybody may ask, as for what kinds there are, or where it was refused, as a right
 * that is granted a moment later. Server-side apply needs the right to patch, and where it makes an object, which shows in the status, the
 * one to create too; who binds a role has to be allowed to bind that (https://kubernetes.io/docs/reference/access-authn-authz/rbac/).
 */
export function accessRequests(method: string, url: string, status: number, body: string): AccessRequest[] {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const found = API.exec(pathname)?.groups;
  if (!found?.rest || status === FORBIDDEN) return [];
  const { kind, name, subresource, namespace } = parts(found.rest);
  const resource = [found.group, kind, subresource].filter(Boolean).join('/');
  const place = { resource, ...(namespace && { namespace }) };
  const named = { ...place, ...(name && { name }) };
  if (method === 'GET') {
    if (name) return [{ verb: 'get', ...named }];
    // Whoever asks for those of one name alone needs the right to that name alone.
    const one = /^metadata\.name=([^,]+)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
    const verb = ['1', 'true'].includes(searchParams.get('watch') ?? '') ? 'watch' : 'list';
    return [{ verb, ...place, ...(one && { name: one }) }];
  }
  const asked: AccessRequest[] = [{ verb: VERBS[method] ?? method, ...(method === 'POST' ? place : named) }];
  if (method === 'PATCH' && status === 201) asked.push({ verb: 'create', ...place });
  const role = resource === BINDINGS && method !== 'DELETE' ? JSON.parse(body).roleRef?.name : undefined;
  if (role) asked.push({ verb: 'bind', resource: 'rbac.authorization.k8s.io/clusterroles', name: role });
  return asked;
}

function parts(rest: string) {
  const all = rest.split('/');
  // A namespace is an object as well, and where others lie.
  const [, within] = all[0] === 'namespaces' && all.length > 2 ? all : [];
  const [kind, name, subresource] = within === undefined ? all : all.slice(2);
  return { kind, name, subresource, namespace: within };
}

/** All that the operator's roles grant it. The one that it binds itself holds in the namespaces of tenants. */
export function operatorGrants(objects: readonly KubernetesObject[]): Grant[] {
  return objects
    .filter(({ kind, metadata }) => /Role$/.test(kind) && metadata.name.startsWith('tenantry-operator'))
    .flatMap(({ metadata, rules }) => {
      const namespaces = metadata.name === 'tenantry-operator-in-tenant' ? 'tenant-' : metadata.namespace;
      const where = { role: metadata.name, ...(namespaces && { namespaces }) };
      return (rules as readonly Rule[]).flatMap((rule) => atoms(rule).map((atom) => ({ ...where, ...atom })));
    });
}

function atoms({ apiGroups, resources, resourceNames, verbs }: Rule) {
  const names = resourceNames?.map((name) => ({ name })) ?? [{}];
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({ verb, resource: [group, resource].filter(Boolean).join('/'), ...name })),
      ),
    ),
  );
}

function grants(grant: Grant, asked: AccessRequest): boolean {
  return (
    grant.verb === asked.verb &&
    grant.resource === asked.resource &&
    (grant.name === undefined || grant.name === asked.name) &&
    (grant.namespaces === undefined || Boolean(asked.namespace?.startsWith(grant.namespaces)))
  );
}

/** Those without which each request would have been granted all the same: nobody used them, or another grants as much. */
export function redundant(all: readonly Grant[], requests: readonly AccessRequest[]): string[] {
  const needed = new Set<Grant>();
  for (const asked of requests) {
    const [only, another] = all.filter((grant) => grants(grant, asked));
    if (only && !another) needed.add(only);
  }
  return all.filter((grant) => !needed.has(grant)).map(describeGrant);
}

/** Those that no grant is for. */
export function notGranted(all: readonly Grant[], requests: readonly AccessRequest[]): AccessRequest[] {
  return requests.filter((asked) => !all.some((grant) => grants(grant, asked)));
}

/** `tenantry-operator-in-tenant: patch secrets tenantry-credentials` */
function describeGrant({ role, verb, resource, name }: Grant): string {
  return [`${role}:`, verb, resource, name].filter(Boolean).join(' ');
}
