import type { WantedDeployment } from './wanted-deployment';

/** The newest deployment to an environment, as GitHub has it, with its newest status. */
export interface PresentDeployment {
  readonly id: number;
  readonly commit: string;
  /** Absent before it has one. */
  readonly status?: { readonly state: string; readonly description: string };
}

/** What has to be written so that GitHub says what is wanted; undefined where it does. */
export type Write =
  | { readonly kind: 'deployment'; readonly commit: string; readonly release: string }
  /** Of a deployment that is there. */
  | { readonly kind: 'status'; readonly id: number };

export function writeFor(
  { deployed, state, description }: WantedDeployment,
  present: PresentDeployment | undefined,
): Write | undefined {
  // Another commit than the newest, be it an older one: GitHub takes the newest deployment for what is there.
  if (deployed && present?.commit !== deployed.commit) return { kind: 'deployment', ...deployed };
  if (!present || (present.status?.state === state && present.status.description === description)) return undefined;
  return { kind: 'status', id: present.id };
}
