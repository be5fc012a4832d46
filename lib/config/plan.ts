import { z } from 'zod';
import { label, serviceName } from '../tenant/names';
import { serviceSettings } from './service-settings';
import { writtenQuota } from './written-quota';

export const planName = label('the name of a plan');

/** What the tenants of a plan have: what differs from the platform, by service. */
export const plan = z.strictObject({
  services: z
    .record(serviceName, serviceSettings.pick({ replicas: true, resources: true, env: true }))
    .prefault({})
    .describe('What differs from the platform, by service.'),
  quota: writtenQuota
    .exactOptional()
    .describe('What all pods of a tenant of this plan may take together, over what the platform says.'),
});

export type Plan = z.output<typeof plan>;
export type Plans = Readonly<Record<string, Plan>>;
