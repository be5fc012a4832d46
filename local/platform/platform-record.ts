import { readFileSync } from 'node:fs';
import { ExplainedError } from '../../lib/text/explained-error';
import type { KubernetesProvider } from '../programs/kubernetes-provider';
import type { Layout } from './layout';

/** Thrown when a record is not what the supervisor writes. */
export class UnreadableRecord extends ExplainedError {
  override readonly name = 'UnreadableRecord';

  constructor(
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(`${file} can't be read. Remove what is left with "npm run local -- down", then start anew.`, options);
  }
}

/** A running platform, as `.local/platform.json` describes it. */
export interface PlatformRecord {
  readonly supervisor: { readonly pid: number };
  readonly startedAt: string;
  /** All that run; the operator among them while the cluster asks for it. */
  readonly parts: readonly { readonly name: string; readonly pid: number; readonly endpoint: string }[];
  readonly aws: { readonly endpoint: string; readonly account: string; readonly region: string };
  readonly kubernetes: { readonly endpoint: string; readonly kubeconfig: string };
  /** The two URLs are of the maintenance database, and carry their passwords. */
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly superuser: string;
    readonly operator: string;
  };
  /** Answers at the tenants' hosts, by the Host header. */
  readonly gateway: { readonly endpoint: string };
  /** URLs that answer while the operator runs, and the log of all its lives. */
  readonly operator: { readonly health: string; readonly metrics: string; readonly log: string };
  readonly provider: KubernetesProvider;
  readonly terraformRc: string;
  /** Folder of the authority that signs what is published here. */
  readonly authority: string;
}

export function readPlatformRecord(layout: Layout): PlatformRecord | undefined {
  return readJson(layout.platform());
}

/** Why a platform ended although nobody asked it to. */
export interface EndedRecord {
  readonly at: string;
  readonly reason: string;
}

export function readEndedRecord(layout: Layout): EndedRecord | undefined {
  return readJson(layout.ended());
}

function readJson<Content>(file: string): Content | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Content;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UnreadableRecord(file, { cause: error });
  }
}
