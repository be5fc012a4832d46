import { z } from 'zod';
import { databaseName, host, release, ringName, serviceName } from './names';

/** What stands in `tenants/<name>.yaml`: one customer's environment. */
export const tenantFile = z
  .strictObject({
    host: host.describe('DNS name under which the tenant answers.'),
    ring: ringName.optional().describe('Ring of the tenant. Default: the last one.'),
    release: release.optional().describe("Release of the tenant's services. Default: the platform's."),
    services: z
      .record(
        serviceName,
        z.strictObject({
          release: release.optional().describe('Release of this one service.'),
          replicas: z
            .int('must be a whole number')
            .min(0, 'must be 0 or more')
            .max(100, 'must be at most 100')
            .optional()
            .describe('Pods of this service.'),
        }),
      )
      .default({})
      .describe('What differs from the platform, by service.'),
    database: z
      .strictObject({
        name: databaseName.optional().describe('Name of the database; it never changes. Default: tenant_<name>.'),
        deletionPolicy: z
          .enum(['Retain', 'Delete'], 'must be Retain or Delete')
          .default('Retain')
          .describe('What becomes of the database when the tenant is deleted.'),
      })
      .prefault({})
      .describe("The tenant's PostgreSQL database."),
    decommission: z
      .boolean('must be true or false')
      .default(false)
      .describe('First of two steps to delete the tenant: stops its services, keeps its data, unlocks its deletion.'),
  })
  .describe("One customer's environment. The file's name is the tenant's name.");

export type TenantFile = z.output<typeof tenantFile>;
