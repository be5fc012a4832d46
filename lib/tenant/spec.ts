import { z } from 'zod';
import { rule, withApiRules } from './api-rules';
import { connectionLimit, databaseServer, rotation } from './database-server';
import { egress } from './egress';
import { env } from './env';
import type { Immutable } from './immutable';
import { ingress } from './ingress';
import {
  commitSha,
  databaseName,
  deletionPolicy,
  host,
  imageReference,
  jobSeconds,
  LONGEST_JOB_NAME,
  MOST_HOSTS,
  MOST_SERVICES,
  maxReplicas,
  portOrNone,
  release,
  replicas,
  ringName,
  serviceName,
  startupSeconds,
  stopSeconds,
  targetCpu,
} from './names';
import { healthPath, orNone, servicePath } from './paths';
import { quota } from './quota';
import { DEFAULT_RESOURCES, resources } from './resources';
import { roleArn } from './role';
import { rollout } from './rollout';
import { schedule, timeZone } from './schedule';
import { secretPath, secretStore } from './secret-store';
import { secretVariables } from './secrets';
import { volumes } from './volumes';
import { words } from './words';

const ATOMIC_LIST = { 'x-kubernetes-list-type': 'atomic' } as const;
const ATOMIC_MAP = { 'x-kubernetes-map-type': 'atomic' } as const;

const tenantServiceFields = withApiRules(
  z.strictObject({
    name: serviceName.describe('Name of the service.'),
    image: imageReference.describe('Image by digest, never by tag.'),
    commit: commitSha.describe('Full git SHA that the image was built from.'),
    release: release.describe('Release of this service.'),
    port: portOrNone.describe(
      'Port on which the service listens. 0 for one that listens on none, and has no path then.',
    ),
    path: orNone(servicePath)
      .exactOptional()
      .describe(
        "Path prefix under which the tenant's host reaches the service; requests arrive with the path as it is. Empty for a service that is not reached from outside.",
      ),
    healthPath: orNone(healthPath)
      .exactOptional()
      .describe(
        "Path that answers 2xx when the service is healthy. Asked of its pods and, with a path, of the tenant's host. Empty for a service that answers no HTTP.",
      ),
    replicas: replicas.describe('Pods of the service; 0 for one with a schedule.'),
    maxReplicas: maxReplicas
      .exactOptional()
      .describe('Pods of the service when it is busy. 0 for one that always has the same number. Without it: 0.'),
    targetCpu: targetCpu
      .exactOptional()
      .describe(
        'With maxReplicas: CPU that its pods use on average before there are more of them, in percent of what each asks for. Without it: 80.',
      ),
    resources: resources
      .exactOptional()
      .describe('What each pod asks for, and may take. Without it: CPU 50m, memory 128Mi, and 512Mi at most.'),
    startupSeconds: startupSeconds
      .exactOptional()
      .describe('Seconds that a pod may take until it answers for the first time. Without it: 120.'),
    stopSeconds: stopSeconds
      .exactOptional()
      .describe('Seconds that a pod may take to end once it is told to. Without it: 25.'),
    command: words
      .exactOptional()
      .describe("What is started, in place of the image's entrypoint; $(NAME) as in env. Empty for the image's own."),
    args: words
      .exactOptional()
      .describe("Arguments, in place of the image's command; $(NAME) as in env. Empty for the image's own."),
    env: env
      .exactOptional()
      .describe(
        "The service's own environment variables, after those that every service is told, and those from Secrets.",
      ),
    secrets: secretVariables
      .exactOptional()
      .describe("Variables that the service takes from Secrets in the tenant's namespace, sorted by name."),
    secretPath: orNone(secretPath)
      .exactOptional()
      .describe(
        'Where in the secret store the Secret comes from that is called as the service is. Empty for one that comes from elsewhere, or that there is not.',
      ),
    migrate: words
      .exactOptional()
      .describe(
        'Command of a Job that runs once for each image, before the service does; $(NAME) as in env. Empty for a service that needs none.',
      ),
    schedule: orNone(schedule)
      .exactOptional()
      .describe(
        'When a Job runs that is the service, as cron has it: minute, hour, day, month, weekday. Empty for a service that always runs.',
      ),
    timeZone: timeZone.exactOptional().describe('Time zone of the schedule. Without it: Etc/UTC.'),
    jobSeconds: jobSeconds
      .exactOptional()
      .describe('Seconds that its migration, or a run of its schedule, may take. Without it: 3600.'),
    volumes: volumes.exactOptional().describe('Room on disk for each pod, gone with it. /tmp is always there.'),
    role: orNone(roleArn)
      .exactOptional()
      .describe("Role of AWS that the service's pods may take. Empty for none: they then get no token at all."),
  }),
  ATOMIC_MAP,
);

/** One service of a Tenant. What became a field later is optional, so that Tenants from before are still valid. */
export const tenantService = rule(
  tenantServiceFields,
  {
    holds: ({ port, path = '', healthPath = '' }) => port !== 0 || (path === '' && healthPath === ''),
    cel: 'self.port != 0 || ((!has(self.path) || self.path == "") && (!has(self.healthPath) || self.healthPath == ""))',
    message: 'a service without a port has neither path nor healthPath: nobody could ask there',
  },
  {
    holds: ({ env = [], secrets = [] }) => !env.some(({ name }) => secrets.some((secret) => secret.name === name)),
    cel: '!has(self.env) || !has(self.secrets) || self.secrets.map(one, one.name).all(name, !self.env.exists(other, other.name == name))',
    message: 'a variable comes from env or from a Secret, not from both',
  },
  {
    holds: ({ replicas, maxReplicas = 0 }) => maxReplicas === 0 || (replicas > 0 && maxReplicas > replicas),
    cel: '!has(self.maxReplicas) || self.maxReplicas == 0 || (self.replicas > 0 && self.maxReplicas > self.replicas)',
    message: 'maxReplicas must be more than replicas, which must be 1 or more then',
  },
  {
    holds: ({ schedule = '', port, replicas, migrate = [] }) =>
      schedule === '' || (port === 0 && replicas === 0 && migrate.length === 0),
    cel: '!has(self.schedule) || self.schedule == "" || (self.port == 0 && self.replicas == 0 && (!has(self.migrate) || size(self.migrate) == 0))',
    message: 'a service with a schedule has no port, no replicas and no migration: it runs at its time alone',
  },
  {
    holds: ({ schedule = '', name }) => schedule === '' || name.length <= LONGEST_JOB_NAME,
    cel: `!has(self.schedule) || self.schedule == "" || size(self.name) <= ${LONGEST_JOB_NAME}`,
    message: `a service with a schedule has a name of at most ${LONGEST_JOB_NAME} characters, as a CronJob has`,
  },
);

/** What a service has that says nothing of it, such as one of a Tenant from before there was such a field. */
export const SERVICE_DEFAULTS = {
  resources: DEFAULT_RESOURCES,
  startupSeconds: 120,
  stopSeconds: 25,
  maxReplicas: 0,
  targetCpu: 80,
  timeZone: 'Etc/UTC',
  jobSeconds: 3600,
} as const;

/**
 * What is asked of a Tenant, written once: the types, the Tenant definition of Kubernetes and the checks of the files come from here.
 *
 * Every list and map in it is atomic, or stands in one that is: who writes one writes it whole, so that a run puts back what somebody added
 * to it by hand.
 */
export const tenantSpec = rule(
  z.strictObject({
    host: host.describe('DNS name under which the tenant answers.'),
    hosts: rule(withApiRules(z.array(host).max(MOST_HOSTS, `must be at most ${MOST_HOSTS} names`), ATOMIC_LIST), {
      holds: (hosts) => new Set(hosts).size === hosts.length,
      cel: 'self.all(one, self.exists_one(other, other == one))',
      message: 'names a host twice',
    })
      .exactOptional()
      .describe('Further DNS names under which the tenant answers.'),
    ingress: ingress
      .exactOptional()
      .describe('How it is reached from outside. Without it: as the cluster does by default.'),
    egress: egress
      .exactOptional()
      .describe(
        'What its pods may connect to besides DNS, their own namespace and their database: internet, ranges of addresses with a TCP port or without, "not" and a range that is left out, namespaces; none for nothing else. Empty for no limit. Without it: no limit.',
      ),
    quota: quota.exactOptional().describe('What all its pods may take of the cluster together. Without it: no limit.'),
    secretStore: secretStore
      .exactOptional()
      .describe('Store of External Secrets that services take Secrets from. Without it: none.'),
    ring: ringName.describe('Group of tenants that is deployed together.'),
    rollout: rollout
      .exactOptional()
      .describe(
        'When the tenant takes new images. Without it: as soon as they are asked for, 10% of the ring at a time.',
      ),
    release: release.describe("Release of the tenant's services, unless one names its own."),
    suspend: z
      .boolean()
      .exactOptional()
      .describe(
        'Stops the services, and keeps all else: the data, the host, the lock on deleting the Tenant. Without it: no.',
      ),
    decommission: z
      .boolean()
      .describe('Stops the services, keeps the data, and lifts the lock on deleting the Tenant.'),
    database: withApiRules(
      z.strictObject({
        name: databaseName.describe('Name of the database. It never changes.'),
        deletionPolicy: deletionPolicy.describe(
          'What becomes of the database and its role when the Tenant is deleted.',
        ),
        server: orNone(databaseServer)
          .exactOptional()
          .describe('Server on which it is, of those that the operator is told of. Empty for the default one.'),
        connectionLimit: connectionLimit
          .exactOptional()
          .describe(
            "Connections that the tenant's role may have at the same time. 0 for as many as there are. Without it: 0.",
          ),
        rotation: orNone(rotation)
          .exactOptional()
          .describe(
            'Stands for the credentials of the database: another word gives the tenant new ones, in its turn. Empty, or without it: the ones that it has stay.',
          ),
      }),
      {
        ...ATOMIC_MAP,
        'x-kubernetes-validations': [
          {
            rule: 'self.name == oldSelf.name',
            message: "the database's name never changes, for the data would stay behind under the old one",
            fieldPath: '.name',
          },
        ],
      },
    ).describe("The tenant's PostgreSQL database."),
    services: rule(withApiRules(z.array(tenantService).min(1).max(MOST_SERVICES), ATOMIC_LIST), {
      holds: (services) => new Set(services.map(({ name }) => name)).size === services.length,
      cel: 'self.all(one, self.exists_one(other, other.name == one.name))',
      message: 'each service needs a name of its own',
    }).describe('What runs for the tenant.'),
  }),
  {
    holds: (spec) => !spec.rollout?.after.some(({ ring }) => ring === spec.ring),
    cel: '!has(self.rollout) || self.rollout.after.all(one, one.ring != self.ring)',
    message: 'a tenant can not wait for its own ring',
  },
  {
    holds: ({ services, secretStore }) =>
      (secretStore?.name ?? '') !== '' || services.every(({ secretPath = '' }) => secretPath === ''),
    cel: '(has(self.secretStore) && self.secretStore.name != "") || self.services.all(one, !has(one.secretPath) || one.secretPath == "")',
    message: 'a secretPath is one in a secretStore, and there is none',
  },
).describe('What is asked for. Only the deployer writes it.');

export type TenantSpec = Immutable<z.output<typeof tenantSpec>>;
export type TenantServiceSpec = TenantSpec['services'][number];
