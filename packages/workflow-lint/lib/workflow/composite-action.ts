import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shownPath } from '@tenantry/text/shown-path';
import { jobOf, readAnything } from './read-workflow';
import type { CompositeAction } from './workflow';

const FOLDER = '.github/actions';

/** The composite actions below `.github/actions`, where repositories keep them, by their folders. */
export function readActions(directory: string): ReadonlyMap<string, CompositeAction> {
  let names: readonly string[];
  try {
    names = readdirSync(join(directory, FOLDER), { recursive: true, encoding: 'utf8' });
  } catch {
    return new Map();
  }
  const paths = names.map((name) => name.replaceAll('\\', '/')).filter((name) => !name.includes('node_modules/'));
  return new Map(
    paths.flatMap((path) => {
      const [, folder] = /^(.+)\/action\.ya?ml$/.exec(path) ?? [];
      const action = folder === undefined ? undefined : readAction(join(directory, FOLDER, path));
      return action ? [[`${FOLDER}/${folder}`, action] as const] : [];
    }),
  );
}

function readAction(file: string): CompositeAction | undefined {
  try {
    const root = readAnything(shownPath(file), readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    const [key, runs] = [root?.keyOf('runs'), root?.get('runs')];
    if (!key || !runs || runs.get('using')?.text !== 'composite') return undefined;
    return { runs: jobOf(key, runs, new Map()), inputs: root?.get('inputs'), outputs: root?.get('outputs') };
  } catch {
    // What GitHub can't read either is nothing that it runs.
    return undefined;
  }
}
