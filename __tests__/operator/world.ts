import type { Lab } from './lab';

/** Where everything lies that a tenant can have in its namespace, Secrets among it. */
const NAMESPACED = [
  '/api/v1/secrets',
  '/api/v1/serviceaccounts',
  '/api/v1/services',
  '/api/v1/resourcequotas',
  '/api/v1/limitranges',
  '/apis/apps/v1/deployments',
  '/apis/batch/v1/jobs',
  '/apis/batch/v1/cronjobs',
  '/apis/policy/v1/poddisruptionbudgets',
  '/apis/autoscaling/v2/horizontalpodautoscalers',
  // Where the cluster knows it.
  '/apis/external-secrets.io/v1/externalsecrets',
  '/apis/networking.k8s.io/v1/ingresses',
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
];

/** Differs from object to object by its nature, not by what was done to it. */
const INCIDENTAL = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'observedGeneration',
  'managedFields',
  'clusterIP',
  'clusterIPs',
  'lastTransitionTime',
  'lastUpdateTime',
  // When a service reached its image.
  'since',
  'deployment.kubernetes.io/revision',
  // Of a Job: when it ran, and what its pods are known by.
  'startTime',
  'completionTime',
  'lastProbeTime',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  // Stands for the credentials, which every tenant has its own of.
  'tenantry.dev/credentials',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/** All that there is of a tenant, in Kubernetes and PostgreSQL, worded so that two tenants can be compared. */
export async function worldOf(lab: Lab, tenant: string): Promise<unknown> {
  const role = `tenant_${tenant.replaceAll('-', '_')}`;
  const namespace = await lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}`);
  const objects = namespace.status === 404 ? [] : await objectsIn(lab, `tenant-${tenant}`);
  const world = {
    tenant: (await lab.tenant(tenant)) ?? 'gone',
    namespace: namespace.status === 404 ? 'gone' : namespace.body,
    objects,
    roles: await lab.query(
      `SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconnlimit, rolvaliduntil,
              shobj_description(oid, 'pg_authid') AS comment,
              ARRAY(SELECT member::regrole::text || admin_option || inherit_option || set_option
                    FROM pg_auth_members WHERE roleid = pg_authid.oid ORDER BY 1) AS members
       FROM pg_authid WHERE rolname = $1`,
      [role],
    ),
    databases: await lab.query(
      `SELECT datname, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding, datacl::text[] AS acl
       FROM pg_database WHERE datname = $1`,
      [role],
    ),
  };
  const forms = [role, tenant].map((form) => new RegExp(`(?<![a-z0-9])${form}(?![a-z0-9])`, 'g'));
  const text = forms.reduce((all, form) => all.replace(form, 'TENANT'), JSON.stringify(world, withoutIncidental));
  // The hash of a pod template, in what Kubernetes says of a ReplicaSet.
  return JSON.parse(text.replace(/(ReplicaSet \\"[a-z]+)-[a-z0-9]+/g, '$1'));
}

/**
 * The same of a tenant that is decommissioned, without its pods: those that it has are stopped on the image that they last ran, and are
 * a matter of what came before.
 */
export function withoutPods(world: unknown): unknown {
  const { tenant, objects, ...rest } = world as World;
  const { services: _, template: __, ...status } = tenant.status;
  const pods = objects.filter(({ kind }) => kind === 'deployments');
  return {
    ...rest,
    tenant: { ...tenant, status },
    objects: objects.filter((one) => !pods.includes(one)),
    running: pods.filter(({ spec }) => spec?.replicas !== 0),
  };
}

/** What must never change once it is there: the credentials, and which database they open. */
export async function identityOf(lab: Lab, tenant: string): Promise<Readonly<Record<string, unknown>>> {
  const role = `tenant_${tenant.replaceAll('-', '_')}`;
  const secret = await lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}/secrets/tenantry-credentials`);
  const [authid] = await lab.query<{ oid: number; rolpassword: string }>(
    'SELECT oid, rolpassword FROM pg_authid WHERE rolname = $1',
    [role],
  );
  const [database] = await lab.query<{ oid: number }>('SELECT oid FROM pg_database WHERE datname = $1', [role]);
  const found = {
    secret: secret.status === 200 ? { uid: secret.body.metadata.uid, data: secret.body.data } : undefined,
    role: authid,
    database: database?.oid,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The version of every object of every tenant: the same after as before means that nobody wrote anything. */
export async function versionsOf(lab: Lab, tenants: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const versions: Record<string, string> = {};
  for (const tenant of tenants) {
    const objects = [
      (await lab.api.request('GET', `/apis/tenantry.dev/v1/tenants/${tenant}`)).body,
      (await lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}`)).body,
      ...(await objectsIn(lab, `tenant-${tenant}`)),
    ];
    for (const { kind, metadata } of objects) versions[`${tenant} ${kind} ${metadata.name}`] = metadata.resourceVersion;
  }
  return versions;
}

interface World {
  readonly tenant: { readonly status: Readonly<Record<string, unknown>> };
  readonly objects: readonly KubernetesObject[];
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec?: { readonly replicas?: number };
}

async function objectsIn(lab: Lab, namespace: string): Promise<KubernetesObject[]> {
  const lists = await Promise.all(
    NAMESPACED.map(async (path) => {
      const [base, kind] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
      const { body } = await lab.api
        .request('GET', `${base}/namespaces/${namespace}/${kind}`)
        // A group that is not served is answered with a page that is no JSON.
        .catch(() => ({ body: { items: [] } }));
      return ((body.items ?? []) as KubernetesObject[]).map((item) => ({ ...item, kind }));
    }),
  );
  return lists.flat().sort((a, b) => (`${a.kind} ${a.metadata.name}` < `${b.kind} ${b.metadata.name}` ? -1 : 1));
}

function withoutIncidental(this: Record<string, unknown>, key: string, value: unknown): unknown {
  if (INCIDENTAL.has(key)) return undefined;
  // What others say of it, when they get to it: there are no metrics, and the job's day is far.
  if (key === 'status' && ['horizontalpodautoscalers', 'cronjobs'].includes(String(this.kind))) return undefined;
  // The data of a Secret; what it is about is in the role that logs in with it.
  if (key === 'data' && this.kind === 'secrets') return Object.keys(value as object).sort();
  return value;
}
