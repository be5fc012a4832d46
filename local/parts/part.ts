import type { User } from '../processes/leash';

/** A process that the platform is made of. */
export interface Part {
  readonly name: string;
  readonly argv: readonly string[];
  /** Besides the few variables that every process gets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: User | undefined;
  readonly endpoint: string;
  readonly isReady: () => Promise<boolean>;
  /** What asks it to end in order. Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}
