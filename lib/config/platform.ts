import type { Ingress } from '../tenant/ingress';
import type { Plans } from './plan';
import type { Ring } from './ring';
import type { WrittenSecrets } from './secrets';
import type { ServiceSettings } from './service-settings';
import type { WrittenQuota } from './written-quota';
import type { WrittenSecretStore } from './written-secret-store';

/** One environment with its defaults filled in: what the rest of the program reads. */
export interface Platform {
  readonly name: string;
  readonly release: string;
  /** GitHub repository of this program: `owner/name` or `owner@id/name@id`. */
  readonly github: string;
  readonly branch: string;
  readonly environment?: string;
  /** The environment whose tenants must have converged on an image before this one's take it. */
  readonly after?: Before;
  readonly registry: Registry;
  /** Sorted by name. */
  readonly services: readonly Service[];
  readonly plans?: Plans;
  readonly operator: { readonly repository: string; readonly release: string; readonly provenance?: 'required' };
  readonly cluster: Cluster;
  /** How its tenants are reached from outside. */
  readonly ingress: Ingress;
  /** What its tenants' pods may connect to, as a Tenant has it. */
  readonly egress: readonly string[];
  readonly quota?: WrittenQuota;
  /** Names of further database servers, and what tenants have that say nothing of it. */
  readonly database?: {
    readonly servers?: readonly string[];
    readonly connectionLimit?: number;
    readonly rotation?: string;
  };
  /** Where its tenants' Secrets come from that are called as services are. */
  readonly secretStore?: WrittenSecretStore;
  readonly state: { readonly bucket: string; readonly region: string };
  /** In the order in which they take new images. */
  readonly rings: readonly Ring[];
  /** What the platform file says of it; without `attempts`, as long as its rings may need. */
  readonly verify: Pick<Patience, 'interval'> & Partial<Patience>;
  /** Path of the lock that freezes the platform. */
  readonly frozen?: string;
}

/** Another environment, as far as this one has to know it. */
export interface Before {
  /** Its platform file, as a person here would type it. */
  readonly file: string;
  readonly name: string;
  readonly registry: Registry;
}

/** How long tenants are waited for before they are said not to have converged. */
export interface Patience {
  /** 1 or more. */
  readonly attempts: number;
  /** Seconds from one attempt to the next. */
  readonly interval: number;
}

export interface Registry {
  /** AWS account, 12 digits. */
  readonly account: string;
  readonly region: string;
  /** Whether another platform's registry stack makes the repositories. */
  readonly shared?: boolean;
}

/** What one application repository builds, or another process of the same image. */
export interface Service extends ServiceSettings {
  readonly name: string;
  /** The service whose image it runs, whose repositories are its own then. Absent for one with an image of its own. */
  readonly image?: string;
  readonly repository: string;
  readonly github: string;
  /** Absent where nobody asks who attested its images. */
  readonly provenance?: 'required';
  /** 0 for one that listens on none. */
  readonly port: number;
  /** Path prefix under which a tenant's host reaches the service. Absent for one that is not reached from outside. */
  readonly path?: string;
  /** Absent for a service that answers no HTTP. */
  readonly healthPath?: string;
  readonly secrets?: WrittenSecrets;
}

export type Cluster =
  | { readonly eks: string; readonly region: string }
  | { readonly kubeconfig: string; readonly context?: string };
