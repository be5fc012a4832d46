import { isDeepStrictEqual } from 'node:util';
import { until } from '../until';
import { type Edit, editsOf, type Schemas } from './edits';
import { ALL } from './extent';
import { installExternalSecrets } from './external-secrets';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

/** Everything that the operator makes for a tenant with a service, a job and a service that goes by itself, but its Secret. */
const OBJECTS = {
  Namespace: { group: 'api/v1', path: (name: string) => `/api/v1/namespaces/tenant-${name}` },
  RoleBinding: {
    group: 'apis/rbac.authorization.k8s.io/v1',
    path: (name: string) =>
      `/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-${name}/rolebindings/tenantry-operator`,
  },
  ServiceAccount: { group: 'api/v1', path: (name: string) => `/api/v1/namespaces/tenant-${name}/serviceaccounts/api` },
  Service: { group: 'api/v1', path: (name: string) => `/api/v1/namespaces/tenant-${name}/services/api` },
  Deployment: {
    group: 'apis/apps/v1',
    path: (name: string) => `/apis/apps/v1/namespaces/tenant-${name}/deployments/api`,
  },
  CronJob: {
    group: 'apis/batch/v1',
    path: (name: string) => `/apis/batch/v1/namespaces/tenant-${name}/cronjobs/job`,
  },
  ExternalSecret: {
    group: 'apis/external-secrets.io/v1',
    path: (name: string) => `/apis/external-secrets.io/v1/namespaces/tenant-${name}/externalsecrets/api`,
  },
  PodDisruptionBudget: {
    group: 'apis/policy/v1',
    path: (name: string) => `/apis/policy/v1/namespaces/tenant-${name}/poddisruptionbudgets/busy`,
  },
  HorizontalPodAutoscaler: {
    group: 'apis/autoscaling/v2',
    path: (name: string) => `/apis/autoscaling/v2/namespaces/tenant-${name}/horizontalpodautoscalers/busy`,
  },
  Ingress: {
    group: 'apis/networking.k8s.io/v1',
    path: (name: string) => `/apis/networking.k8s.io/v1/namespaces/tenant-${name}/ingresses/tenant`,
  },
  NetworkPolicy: {
    group: 'apis/networking.k8s.io/v1',
    path: (name: string) => `/apis/networking.k8s.io/v1/namespaces/tenant-${name}/networkpolicies/tenant`,
  },
  Egress: {
    kind: 'NetworkPolicy',
    group: 'apis/networking.k8s.io/v1',
    path: (name: string) => `/apis/networking.k8s.io/v1/namespaces/tenant-${name}/networkpolicies/egress`,
  },
  LimitRange: { group: 'api/v1', path: (name: string) => `/api/v1/namespaces/tenant-${name}/limitranges/tenant` },
  ResourceQuota: {
    group: 'api/v1',
    path: (name: string) => `/api/v1/namespaces/tenant-${name}/resourcequotas/tenant`,
  },
} as const;
/** So that there is something to edit. */
const SAYS = { args: ['x'], env: [{ name: 'X', value: 'y' }] };
type Kind = keyof typeof OBJECTS;
const KINDS = Object.keys(OBJECTS) as Kind[];

/** What is not the operator's to put back, and why. Whatever is named here must indeed be left alone. */
const LEFT: readonly { readonly what: RegExp; readonly why: string }[] = [
  { what: /^\w+ metadata\.finalizers: there/, why: 'whoever set it wants to be told before the object goes' },
  { what: /^Namespace metadata\.labels: a key more$/, why: 'policies, meshes and people choose namespaces by theirs' },
  { what: /^Namespace metadata\.annotations: there/, why: 'they are for others: nothing here reads one' },
  {
    what: /^Ingress spec\.ingressClassName: there/,
    why: 'DefaultIngressClass fills it, and administrators move by it',
  },
];
/** What would make the namespace another's: the tenant says so, and a person must. */
const NAMED = /^Namespace metadata\.labels(\[tenantry\.dev\/tenant\])?: (removed|another value)$/;

const TENANTS = 8;
/** Edits of each kind that everyday has time for. */
const MOST = ALL ? Number.POSITIVE_INFINITY : 100;

/** How a person's edit ended that the API server took. */
type Ending = 'put back' | 'left' | 'named' | 'NOT PUT BACK' | 'NOT LEFT';

describe('every field of every object that the operator makes', () => {
  const names = Array.from({ length: TENANTS }, (_, index) => `field${index}`);
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await installExternalSecrets(lab);
    await lab.start();
    // No pods where a Deployment is edited: a thousand rollouts would be about something else.
    for (const name of names)
      await lab.apply(
        tenantObject(name, {
          services: [
            service('api', 1, {
              replicas: 0,
              ...SAYS,
              volumes: [{ name: 'cache', path: '/var/cache', size: '1Gi' }],
              role: 'arn:aws:iam::123456789012:role/api',
              secretPath: `acme/${name}/api`,
            }),
            service('job', 1, { port: 0, path: '', healthPath: '', replicas: 0, schedule: '0 0 29 2 *', ...SAYS }),
            // What looks after its pods needs some that it could look after.
            service('busy', 1, { maxReplicas: 2 }),
          ],
          hosts: [`${name}.example.org`],
          secretStore: { kind: 'ClusterSecretStore', name: 'aws', refreshSeconds: 600 },
          ingress: {
            class: '',
            issuer: 'letsencrypt',
            annotations: [{ name: 'example.com/size', value: '8m' }],
            from: ['ingress-nginx', '10.0.0.0/16'],
          },
          egress: ['internet', 'not 203.1.113.0/24', '10.20.0.5/32:6379', 'monitoring'],
          quota: { cpu: '4', memory: '8Gi', pods: 40 },
        }),
      );
    await lab.untilReady(...names);
  });
  afterAll(() => lab?.remove());

  const get = async (path: string): Promise<Live> => (await lab.api.request('GET', path)).body;

  test(
    'is put back when somebody edits it, to another value, another type, away, or beside what is there',
    async () => {
      const schemas = await definitions();
      const endings = new Map<string, Ending>();
      const refused: string[] = [];
      const without: string[] = [];
      await Promise.all(names.map((name, index) => edited(name, index)));

      const ended = (...wanted: readonly Ending[]) =>
        [...endings].filter(([, ending]) => wanted.includes(ending)).map(([what]) => what);
      const told = [...new Set(endings.values())].map((ending) => `${ended(ending).length} ${ending}`);
      process.stderr.write(
        `edited by hand: ${told.join(', ')}; refused by the API server: ${refused.length}; without effect: ${without.length}\n`,
      );
      expect(ended('NOT PUT BACK', 'NOT LEFT')).toEqual([]);
      const taken = (kind: Kind) => [...endings.keys()].filter((what) => what.startsWith(`${kind} `)).length;
      expect(KINDS.filter((kind) => taken(kind) <= 3)).toEqual([]);
      for (const { what } of LEFT) expect([...endings.keys()].some((one) => what.test(one))).toBe(true);

      /** Each tenant gets every eighth edit of each kind, of all kinds at once. */
      async function edited(name: string, index: number): Promise<void> {
        const before = {} as Record<Kind, Live>;
        const edits = {} as Record<Kind, readonly Edit[]>;
        for (const kind of KINDS) {
          before[kind] = await get(OBJECTS[kind].path(name));
          const all = editsOf(before[kind], schemas[kind].schema, schemas[kind].all);
          const step = Math.max(1, Math.ceil(all.length / MOST));
          const isNamed = ({ what }: Edit) =>
            [NAMED, ...LEFT.map((one) => one.what)].some((one) => one.test(`${kind} ${what}`));
          const chosen = all.filter((edit, at) => at % step === 0 || isNamed(edit));
          edits[kind] = chosen.filter((_, at) => at % TENANTS === index);
        }
        for (let at = 0; KINDS.some((kind) => edits[kind][at]); at++) {
          const taken: { readonly kind: Kind; readonly what: string }[] = [];
          for (const kind of KINDS) {
            const edit = edits[kind][at];
            if (!edit) continue;
            const what = `${kind} ${edit.what}`;
            const result = await put(OBJECTS[kind].path(name), before[kind], edit);
            if (result === 'refused') refused.push(what);
            else if (result === 'without effect') without.push(what);
            else taken.push({ kind, what });
          }
          if (taken.length > 0) await settle(name, before, taken);
        }
      }

      async function settle(
        name: string,
        before: Record<Kind, Live>,
        taken: readonly { readonly kind: Kind; readonly what: string }[],
      ): Promise<void> {
        await nudge(lab, name);
        const isBack = async (kind: Kind) =>
          isDeepStrictEqual(counting(await get(OBJECTS[kind].path(name))), counting(before[kind]));
        const restore = async (kind: Kind) => {
          const { resourceVersion, uid, managedFields, ...metadata } = before[kind].metadata;
          const path = OBJECTS[kind].path(name);
          await lab.api.request('PUT', path, {
            ...before[kind],
            metadata: { ...metadata, ...(await versionOf(path)) },
          });
        };
        const named = taken.find(({ what }) => NAMED.test(what));
        if (named) {
          await lab.untilReason(name, 'NamespaceConflict');
          await restore(named.kind);
          await nudge(lab, name);
          endings.set(named.what, 'named');
        }
        const others = taken.filter((one) => one !== named);
        const left = others.filter(({ what }) => LEFT.some((one) => one.what.test(what)));
        for (const { kind, what } of others.filter((one) => !left.includes(one))) {
          const back = await until(what, () => isBack(kind), 20).catch(() => false);
          endings.set(what, back ? 'put back' : 'NOT PUT BACK');
          if (!back) {
            process.stderr.write(`${what}\n`);
            await restore(kind);
          }
        }
        if (left.length > 0) await looked(lab, name);
        for (const { kind, what } of left) {
          endings.set(what, (await isBack(kind)) ? 'NOT LEFT' : 'left');
          await restore(kind);
        }
      }
    },
    20 * 60_000,
  );

  /**
   * Some kinds take no change that does not say of which version: budgets (pkg/registry/policy/poddisruptionbudget/strategy.go of Kubernetes),
   * and whatever a definition describes (pkg/registry/customresource/strategy.go of apiextensions-apiserver).
   */
  async function versionOf(path: string): Promise<{ readonly resourceVersion?: string }> {
    if (!/\/(poddisruptionbudgets|externalsecrets)\//.test(path)) return {};
    return { resourceVersion: (await get(path)).metadata.resourceVersion };
  }

  async function put(path: string, before: Live, edit: Edit): Promise<'taken' | 'refused' | 'without effect'> {
    for (const object of edit.tries as readonly Live[]) {
      if (object.metadata?.name !== before.metadata.name) continue;
      const { resourceVersion, managedFields, ...metadata } = object.metadata;
      const version = await versionOf(path);
      const { status, body } = await lab.api.request('PUT', path, { ...object, metadata: { ...metadata, ...version } });
      if (status >= 300) continue;
      return isDeepStrictEqual(counting(body), counting(before)) ? 'without effect' : 'taken';
    }
    return 'refused';
  }

  async function definitions(): Promise<Record<Kind, { readonly schema: object; readonly all: Schemas }>> {
    const found = await Promise.all(
      KINDS.map(async (kind) => {
        const { group, kind: its = kind } = OBJECTS[kind] as { readonly group: string; readonly kind?: string };
        const { components } = await get(`/openapi/v3/${group}`);
        const version = group.split('/').at(-1);
        const name = Object.keys(components.schemas).find((one) => one.endsWith(`.${version}.${its}`)) ?? its;
        return [kind, { schema: components.schemas[name], all: components.schemas }] as const;
      }),
    );
    return Object.fromEntries(found) as Record<Kind, { schema: object; all: Schemas }>;
  }
});

/** Has the tenant looked at, as a change of it does. */
async function nudge(lab: Lab, name: string): Promise<void> {
  const ring = (await lab.tenant(name))?.spec.ring === 'one' ? 'two' : 'one';
  await lab.change(name, { ring });
}

/** Waits until the tenant as it is now was looked at. */
async function looked(lab: Lab, name: string): Promise<void> {
  await until(`${name} was looked at`, async () => {
    const tenant = await lab.tenant(name);
    return tenant?.status?.observedGeneration === tenant?.metadata.generation;
  });
}

/** What of an object is not written by the API server or the Deployment controller alone. */
function counting({ status, metadata, ...object }: Live): Live {
  const { uid, resourceVersion, generation, creationTimestamp, managedFields, ...told } = metadata;
  const { 'deployment.kubernetes.io/revision': _, ...annotations } = told.annotations ?? {};
  return { ...object, metadata: { ...told, annotations } };
}
