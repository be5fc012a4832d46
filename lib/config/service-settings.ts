import { z } from 'zod';
import { MOST_VARIABLES, variableName } from '../tenant/env';
import { jobSeconds, startupSeconds, stopSeconds } from '../tenant/names';
import { cpu, memory } from '../tenant/resources';
import { MOST_VOLUMES, volumeName, volumePath, volumeSize } from '../tenant/volumes';
import { MOST_WORDS, word } from '../tenant/words';
import { asWritten } from './as-written';
import { writtenReplicas } from './pods';
import { writtenSchedule, writtenTimeZone } from './schedule';

const env = z
  .record(variableName, asWritten(word))
  .refine(
    (variables) => Object.keys(variables).length <= MOST_VARIABLES,
    `must have at most ${MOST_VARIABLES} variables`,
  );

const words = z
  .array(asWritten(word), 'must be a list of words, such as [node, server.js]')
  .max(MOST_WORDS, `must have at most ${MOST_WORDS} words`);

const resources = z.strictObject({
  cpu: asWritten(cpu).exactOptional().describe('CPU that each pod asks for: 100m, 0.5, 2. Default: 50m.'),
  memory: memory.exactOptional().describe('Memory that each pod asks for: 512Mi, 2Gi. Default: 128Mi.'),
  memoryLimit: memory
    .exactOptional()
    .describe('Memory that each pod may take; it is ended when it takes more. Default: 512Mi.'),
});

const volumes = z
  .record(
    volumeName,
    z.strictObject({
      path: volumePath.describe('Where the service finds it, such as /var/cache.'),
      size: volumeSize.describe('How much it may hold, such as 1Gi; a pod that writes more is ended.'),
    }),
  )
  .refine((all) => Object.keys(all).length <= MOST_VOLUMES, `must have at most ${MOST_VOLUMES} volumes`);

/** What may be said of a service in several places, of which the later goes before the earlier. */
export const serviceSettings = z.strictObject({
  replicas: writtenReplicas
    .exactOptional()
    .describe('Pods of the service, or { min, max, cpu } between which it goes by itself. Default: 1.'),
  resources: resources.exactOptional().describe('What each pod asks for, and may take.'),
  startupSeconds: startupSeconds
    .exactOptional()
    .describe('Seconds that a pod may take until it answers for the first time. Default: 120.'),
  stopSeconds: stopSeconds
    .exactOptional()
    .describe('Seconds that a pod may take to end what it does, once it is told to stop. Default: 25.'),
  command: words
    .exactOptional()
    .describe("What is started, word by word: [node, worker.js]. $(NAME) as in env. Default: the image's entrypoint."),
  args: words
    .exactOptional()
    .describe('Its arguments, word by word. $(NAME) as in env. Default: the image\'s command; none with a "command".'),
  env: env
    .exactOptional()
    .describe(
      'Environment variables: text, numbers, true or false, which arrive as they are written. $(NAME) is replaced by another variable of the service, or by one that every service is told; $$(NAME) arrives as $(NAME).',
    ),
  migrate: words
    .exactOptional()
    .describe(
      'Command that changes the database for a new image, word by word: [node, migrate.js]. It runs once for each tenant and image, before the service takes the image. $(NAME) as in env. Default: none.',
    ),
  schedule: writtenSchedule
    .exactOptional()
    .describe(
      'When the service runs, if it is a job: minute, hour, day of the month, month and weekday, as cron has them. Default: none; then it always runs.',
    ),
  timeZone: writtenTimeZone.exactOptional().describe('Time zone of the schedule. Default: Etc/UTC.'),
  jobSeconds: jobSeconds
    .exactOptional()
    .describe('Seconds that a migration, or a run of the schedule, may take. Default: 3600.'),
  volumes: volumes
    .exactOptional()
    .describe('Room on the disk of the node for each pod, by name; it is gone with the pod. /tmp is always there.'),
  role: z
    .string('must be the ARN of a role of AWS')
    .exactOptional()
    .describe(
      "Role of AWS that the service's pods may take, with {tenant} and {service} filled in: arn:aws:iam::123456789012:role/acme-{tenant}. Default: none.",
    ),
});

export type ServiceSettings = Readonly<z.output<typeof serviceSettings>>;

/** The one rule by which they are merged: of what is a map key by key, of all else as a whole, the last that says something of it is right. */
export function merged<Service extends ServiceSettings>(
  service: Service,
  ...later: readonly (ServiceSettings | undefined)[]
): Service {
  const all: Record<string, unknown> = { ...service };
  for (const [key, value] of later.flatMap((settings) => Object.entries(settings ?? {}))) {
    if (value === undefined) continue;
    all[key] = isMap(value) ? { ...(all[key] as object | undefined), ...value } : value;
  }
  return all as Service;
}

/** What is said of a service over what the platform says of it, in this order: by the tenant's plan, and by the tenant. */
export function settingsOver<Own extends ServiceSettings>(
  service: string,
  plans: Readonly<Record<string, { readonly services: Readonly<Record<string, ServiceSettings>> }>> = {},
  tenant: { readonly plan?: string; readonly services: Readonly<Record<string, Own>> },
): readonly [ServiceSettings | undefined, Own | undefined] {
  const plan = tenant.plan !== undefined && Object.hasOwn(plans, tenant.plan) ? plans[tenant.plan] : undefined;
  return [plan?.services[service], tenant.services[service]];
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
