import { SERVICE_DEFAULTS, type TenantServiceSpec, type TenantSpec } from '../tenant/spec';
import { filledIn } from './placeholders';
import { podsOf } from './pods';
import { inOrder } from './references';
import { secretsOf } from './secrets';
import type { Tenant } from './tenant';
import { volumesOf } from './volumes';

/** A Tenant's spec as far as the files say it: all but the images. */
export interface TenantSettings extends Omit<TenantSpec, 'services'> {
  readonly services: readonly Omit<TenantServiceSpec, 'image' | 'commit'>[];
}

export interface SettingsOptions {
  /** Whether a person chose the images, by naming a lock: then there is nothing to wait and see for. */
  readonly chosenImages?: boolean;
  /** Whether they chose one for this tenant that no tenant of an earlier ring is to run, which nobody could prove. */
  readonly chosenAlone?: boolean;
}

/**
 * What a tenant's file and its platform come to. Of every field it says what it is, "" or [] for what a service has not: Terraform never
 * looks at a field that its manifest does not have, so a hand could set it unseen; and a null is a perpetual difference to its provider.
 */
export function tenantSettings(
  tenant: Tenant,
  { chosenImages = false, chosenAlone = false }: SettingsOptions = {},
): TenantSettings {
  const { name: _, services, rollout, ...own } = tenant;
  const after = rollout.after.map((earlier) => (chosenImages ? { ...earlier, bakeSeconds: 0 } : earlier));
  return {
    ...own,
    rollout: { ...rollout, after, ...(chosenAlone && { unproven: 'Allow' }) },
    services: services.map(
      ({ repository: _, image: __, env = {}, secrets, resources, volumes = {}, role = '', ...service }) => ({
        ...SERVICE_DEFAULTS,
        path: '',
        healthPath: '',
        command: [],
        args: [],
        migrate: [],
        schedule: '',
        secretPath: '',
        ...service,
        ...podsOf(service),
        role: filledIn(role, { tenant: tenant.name, service: service.name }),
        volumes: volumesOf(volumes),
        resources: { ...SERVICE_DEFAULTS.resources, ...resources },
        env: inOrder(env),
        secrets: secretsOf(secrets, service.name),
      }),
    ),
  };
}
