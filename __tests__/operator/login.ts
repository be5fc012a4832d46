import type { Lab } from './lab';

/** With what a tenant's services log in to its database. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What a tenant's Secret says now. */
export async function loginOf(lab: Lab, tenant: string): Promise<Login> {
  const { body } = await lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}/secrets/tenantry-credentials`);
  const text = (key: string) => Buffer.from(body.data[key], 'base64').toString();
  return { user: text('username'), password: text('password') };
}
