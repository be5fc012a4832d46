import { z } from 'zod';
import { connectionLimit, databaseServer, rotation } from '../tenant/database-server';
import { databaseName, deletionPolicy, host, MOST_HOSTS, release, ringName, serviceName } from '../tenant/names';
import { planName } from './plan';
import { unproven } from './ring';
import { tenantSecrets } from './secrets';
import { serviceSettings } from './service-settings';
import { writtenEgress } from './written-egress';
import { writtenQuota } from './written-quota';

/** What stands in `tenants/<name>.yaml`: one customer's environment. */
export const tenantFile = z
  .strictObject({
    host: host.describe('DNS name under which the tenant answers.'),
    hosts: z
      .array(host)
      .max(MOST_HOSTS, `must have at most ${MOST_HOSTS} names`)
      .refine((hosts) => new Set(hosts).size === hosts.length, 'names a host twice')
      .exactOptional()
      .describe('Further DNS names under which it answers, such as those of its own. Default: none.'),
    ring: ringName.optional().describe('Ring of the tenant. Default: the last one.'),
    unproven: unproven
      .optional()
      .describe(
        "Whether the tenant may take an image that no tenant of an earlier ring runs: allow, or hold. Default: its ring's.",
      ),
    release: release.optional().describe("Release of the tenant's services. Default: the platform's."),
    plan: planName
      .exactOptional()
      .describe(
        'Plan of the tenant, of those in the platform file. Default: none; then it has what the platform says.',
      ),
    services: z
      .record(
        serviceName,
        z.strictObject({
          release: release.optional().describe("Release of this one service. Default: the tenant's."),
          ...serviceSettings.shape,
          secrets: tenantSecrets
            .exactOptional()
            .describe(
              'Variables that this service takes from other Secrets than the platform says, as secret/key, or key for one in the secret store; null for one that it does not get.',
            ),
        }),
      )
      .prefault({})
      .describe('What differs from the platform, by service.'),
    egress: writtenEgress
      .exactOptional()
      .describe("What its pods may connect to, in place of all that the platform says of it. Default: the platform's."),
    quota: writtenQuota
      .exactOptional()
      .describe("What all its pods may take together, over what its plan and the platform say. Default: the plan's."),
    database: z
      .strictObject({
        name: databaseName.optional().describe('Name of the database; it never changes. Default: tenant_<name>.'),
        deletionPolicy: deletionPolicy
          .default('Retain')
          .describe(
            'What becomes of the database when the tenant is deleted: Retain keeps it, Delete drops it with all its data. Default: Retain.',
          ),
        server: databaseServer
          .exactOptional()
          .describe(
            "Database server on which it is, of the platform's database.servers. Default: the one that has no name.",
          ),
        connectionLimit: connectionLimit
          .exactOptional()
          .describe(
            "Connections that the tenant's services may have at the same time, all pods together; 0 for as many as the server has. Default: the platform's.",
          ),
        rotation: rotation
          .exactOptional()
          .describe(
            "Any word, such as 2026-11. Another word than before gives the tenant a new password, without an outage: docs/database.md. Default: the platform's.",
          ),
      })
      .prefault({})
      .describe("The tenant's PostgreSQL database."),
    suspend: z
      .boolean('must be true or false')
      .default(false)
      .describe(
        'Stops the services for a while: no pods run. Data and host are kept, and the tenant can not be deleted. Default: false.',
      ),
    decommission: z
      .boolean('must be true or false')
      .default(false)
      .describe(
        'First of two steps to delete the tenant: stops its services, keeps its data, unlocks its deletion. Default: false.',
      ),
  })
  .describe("One customer's environment. The file's name is the tenant's name.");

export type TenantFile = z.output<typeof tenantFile>;
