/** A process that the platform is made of. */
export interface Part {
  readonly name: string;
  readonly argv: readonly string[];
  /** Besides the few variables that every process gets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly endpoint: string;
  readonly isReady: () => Promise<boolean>;
}
