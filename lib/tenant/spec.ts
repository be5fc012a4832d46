import { z } from 'zod';
import { rule, withApiRules } from './api-rules';
import { env } from './env';
import type { Immutable } from './immutable';
import {
  commitSha,
  databaseName,
  deletionPolicy,
  host,
  imageReference,
  MOST_SERVICES,
  portOrNone,
  release,
  replicas,
  ringName,
  serviceName,
  startupSeconds,
  stopSeconds,
} from './names';
import { healthPath, orNone, servicePath } from './paths';
import { DEFAULT_RESOURCES, resources } from './resources';
import { rollout } from './rollout';
import { secretVariables } from './secrets';
import { words } from './words';

const ATOMIC_LIST = { 'x-kubernetes-list-type': 'atomic' } as const;
const ATOMIC_MAP = { 'x-kubernetes-map-type': 'atomic' } as const;

/** One service of a Tenant. What became a field later is optional, so that Tenants from before are still valid. */
export const tenantService = rule(
  rule(
    withApiRules(
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
        replicas: replicas.describe('Pods of the service.'),
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
          .describe(
            "What is started, in place of the image's entrypoint; $(NAME) as in env. Empty for the image's own.",
          ),
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
      }),
      ATOMIC_MAP,
    ),
    {
      holds: ({ port, path = '', healthPath = '' }) => port !== 0 || (path === '' && healthPath === ''),
      cel: 'self.port != 0 || ((!has(self.path) || self.path == "") && (!has(self.healthPath) || self.healthPath == ""))',
      message: 'a service without a port has neither path nor healthPath: nobody could ask there',
    },
  ),
  {
    holds: ({ env = [], secrets = [] }) => !env.some(({ name }) => secrets.some((secret) => secret.name === name)),
    cel: '!has(self.env) || !has(self.secrets) || self.secrets.map(one, one.name).all(name, !self.env.exists(other, other.name == name))',
    message: 'a variable comes from env or from a Secret, not from both',
  },
);

/** What a service has that says nothing of it, such as one of a Tenant from before there was such a field. */
export const SERVICE_DEFAULTS = { resources: DEFAULT_RESOURCES, startupSeconds: 120, stopSeconds: 25 } as const;

/**
 * What is asked of a Tenant, written once: the types, the Tenant definition of Kubernetes and the checks of the files come from here.
 *
 * Every list and map in it is atomic, or stands in one that is: who writes one writes it whole, so that a run puts back what somebody added
 * to it by hand.
 */
export const tenantSpec = rule(
  z.strictObject({
    host: host.describe('DNS name under which the tenant answers.'),
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
).describe('What is asked for. Only the deployer writes it.');

export type TenantSpec = Immutable<z.output<typeof tenantSpec>>;
export type TenantServiceSpec = TenantSpec['services'][number];
