import { z } from 'zod';
import { withApiRules } from './api-rules';
import type { Immutable } from './immutable';

/** The API server only checks the form: this may say what the schemas of the spec would refuse by now. */
const dateTime = withApiRules(z.string(), { format: 'date-time' });
const generation = withApiRules(z.int(), { format: 'int64' });
const byKey = (key: string) => ({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] }) as const;

const condition = z.strictObject({
  type: z.string().max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(1024),
  message: z.string().max(32768),
  lastTransitionTime: dateTime,
  observedGeneration: generation.exactOptional(),
});

const lastRun = z.strictObject({
  scheduledAt: dateTime.describe('When it was due.'),
  result: z.enum(['Running', 'Succeeded', 'Failed']),
  succeededAt: dateTime.exactOptional().describe('When a run last succeeded, this one or one before.'),
});

const evidence = z.strictObject({
  cause: z.string().max(300).describe('What keeps its pods from coming up, in one line.'),
  since: dateTime.describe('When the operator saw that first.'),
  commit: z.string().max(64).exactOptional().describe('Commit of the image of those pods.'),
  said: withApiRules(z.array(z.string().max(200)).max(10), { 'x-kubernetes-list-type': 'atomic' })
    .exactOptional()
    .describe('The last lines that say more of it, such as those of a container that ended. Secrets are hidden.'),
});

const observedService = z.strictObject({
  name: z.string(),
  image: z
    .string()
    .exactOptional()
    .describe('Image that every pod of the service runs, or ran before a rollout that still goes on.'),
  commit: z.string().exactOptional().describe('Commit of that image.'),
  release: z.string().exactOptional().describe('Release of that image.'),
  since: dateTime.exactOptional().describe('When every pod of the service ran that image for the first time.'),
  readyReplicas: z.int().exactOptional().describe('Pods that are ready on the image that is asked for.'),
  replicas: z.int().exactOptional().describe('Pods that are asked for.'),
  lastRun: lastRun.exactOptional().describe('What became of the last run of a service with a schedule.'),
  evidence: withApiRules(z.array(evidence).max(3), { 'x-kubernetes-list-type': 'atomic' })
    .exactOptional()
    .describe(
      'What was seen of pods that do not come up, and of a Job that failed: what tells most first. Absent while all is well.',
    ),
  answering: z
    .string()
    .max(64)
    .exactOptional()
    .describe(
      'With evidence: the commit of pods that are available meanwhile; empty where none is. Absent where nobody knows.',
    ),
});

/** What the operator saw of a Tenant. */
export const tenantStatus = z
  .strictObject({
    observedGeneration: generation.exactOptional().describe('Generation of the spec that this status is about.'),
    host: z
      .string()
      .exactOptional()
      .describe(
        "DNS name under which the tenant answers: its former one while its new one is another's. Absent for one that answers nowhere.",
      ),
    database: z
      .string()
      .exactOptional()
      .describe("Name of the tenant's database, once it was there. From then on none is made in its place."),
    template: z
      .string()
      .regex(/^[a-f0-9]{16}$/)
      .exactOptional()
      .describe("Version of the operator's pod templates that all pods of the tenant run."),
    conditions: withApiRules(z.array(condition), byKey('type'))
      .exactOptional()
      .describe(
        'State of the tenant, as the Kubernetes API conventions have it: Ready, with DatabaseReady and others as its parts; Stalled where a person is needed; Healthy where later rings wait for the tenant: whether its services answer at its host.',
      ),
    services: withApiRules(z.array(observedService), byKey('name'))
      .exactOptional()
      .describe('What was seen of each service.'),
  })
  .describe('What was observed. Only the operator writes it.');

export type TenantStatus = Immutable<z.output<typeof tenantStatus>>;
export type Evidence = NonNullable<ObservedService['evidence']>[number];
export type Condition = NonNullable<TenantStatus['conditions']>[number];
export type LastRun = NonNullable<ObservedService['lastRun']>;
/** What the operator saw of a service. Image, commit and release are absent before the first rollout is done. */
export type ObservedService = NonNullable<TenantStatus['services']>[number];
