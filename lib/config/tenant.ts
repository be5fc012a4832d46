/** One customer's environment, with the platform's defaults filled in. */
export interface Tenant {
  readonly name: string;
  readonly host: string;
  readonly ring: string;
  readonly release: string;
  readonly decommission: boolean;
  readonly database: { readonly name: string; readonly deletionPolicy: 'Retain' | 'Delete' };
  /** Every service of the platform, sorted by name. */
  readonly services: readonly TenantService[];
}

export interface TenantService {
  readonly name: string;
  readonly repository: string;
  readonly release: string;
  readonly port: number;
  /** Absent for a service that answers no HTTP. */
  readonly healthPath?: string;
  readonly replicas: number;
}
