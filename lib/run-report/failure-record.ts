import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ImageProblemKind, UnresolvedImages } from '../images/image-problem';
import { explain } from '../text/explained-error';

/** Why a command failed, for the report at the end of the run that it was a step of. */
export interface FailureRecord {
  /** Name of the error's class. */
  readonly error: string;
  readonly message: string;
  /** The images that could not be had, where that was it. */
  readonly images?: readonly FailedImage[];
}

export interface FailedImage {
  readonly service: string;
  readonly release: string;
  readonly repository: string;
  readonly tag: string;
  readonly kind: ImageProblemKind;
}

/** The file that a step of a run names for it. */
const FILE = 'TENANTRY_FAILURE';

/** Leaves word of why this command failed, where it is a step of a run. Never fails: the error itself is what matters. */
export function recordFailure(error: unknown, file = process.env[FILE]): void {
  if (!file) return;
  const images =
    error instanceof UnresolvedImages
      ? error.problems.map(({ kind, request: { service, release, repository, tag } }) => ({
          service,
          release,
          repository,
          tag,
          kind,
        }))
      : undefined;
  const name = error instanceof Error ? error.name : 'unknown';
  const record: FailureRecord = { error: name, message: explain(error), ...(images && { images }) };
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  } catch (problem) {
    console.error(`why this failed could not be written to ${file}: ${(problem as Error).message}`);
  }
}

/** Undefined where there is none, or only a part of one: then the step's log is all there is. */
export function readFailure(file: string): FailureRecord | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as FailureRecord;
  } catch {
    return undefined;
  }
}

/** The environment of a step whose commands leave word in `file`. */
export function failureEnvironment(file: string): Readonly<Record<string, string>> {
  return { [FILE]: file };
}
