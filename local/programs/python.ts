import { run } from '../processes/run';
import { findExecutable } from './executable';
import { isAtLeast } from './version';

export const PYTHON_NEEDED = '3.11';

/** The plain name first; the others for machines whose `python3` is too old. */
const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];

/** ensurepip is what "python3 -m venv" needs, and what some distributions package apart. */
const PROBE = 'import ensurepip, sys, venv; print(sys.version.split()[0], sys.executable)';

export interface Python {
  readonly version: string;
  /** The interpreter itself, past the shims of version managers, whose answer depends on the folder. */
  readonly executable: string;
}

/** A Python that is new enough and can make virtual environments. */
export async function findPython(): Promise<Python | undefined> {
  for (const name of NAMES.filter(findExecutable)) {
    const python = await probe(name);
    if (python && isAtLeast(python.version, PYTHON_NEEDED)) return python;
  }
  return undefined;
}

async function probe(name: string): Promise<Python | undefined> {
  try {
    const [version = '', ...executable] = (await run([name, '-c', PROBE])).trim().split(' ');
    return { version, executable: executable.join(' ') };
  } catch {
    return undefined;
  }
}
