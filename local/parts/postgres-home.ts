import {
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ExplainedError } from '../../lib/text/explained-error';
import type { User } from '../processes/leash';
import { run } from '../processes/run';

/** Thrown when root starts the platform on a machine where PostgreSQL can't be run as somebody else. */
export class NoPostgresHome extends ExplainedError {
  override readonly name = 'NoPostgresHome';

  constructor(reason: string, options?: ErrorOptions) {
    super(`PostgreSQL refuses to run as root, and ${reason}. Start the platform as another user than root.`, options);
  }
}

/** Where PostgreSQL's programs and files lie, and whom it runs as. */
export interface PostgresHome {
  readonly folder: string;
  readonly bin: string;
  readonly user?: User;
}

/**
 * Makes the home `data`. PostgreSQL refuses to be root, and nobody else gets to root's folders: then `data` is a link to a folder of
 * nobody's in a place for temporary files, with the programs copied into it.
 */
export async function makePostgresHome(programs: string, data: string): Promise<PostgresHome> {
  if (process.getuid?.() !== 0) {
    mkdirSync(data, { mode: 0o700 });
    return { folder: data, bin: join(programs, 'bin') };
  }
  const user = await nobody();
  const folder = mkdtempSync(join(placeForEverybody(), 'tenantry-postgres-'));
  symlinkSync(folder, data);
  cpSync(programs, join(folder, 'programs'), { recursive: true, verbatimSymlinks: true });
  giveTo(user, folder);
  return { folder, bin: join(folder, 'programs', 'bin'), user };
}

/** Whether it lies in `data` or behind the link there. */
export function removePostgresHome(data: string): void {
  const found = lstatSync(data, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isSymbolicLink()) rmSync(readlinkSync(data), { recursive: true, force: true, maxRetries: 10 });
  rmSync(data, { recursive: true, force: true, maxRetries: 10 });
}

async function nobody(): Promise<User> {
  try {
    const [uid, gid] = await Promise.all([run(['id', '-u', 'nobody']), run(['id', '-g', 'nobody'])]);
    return { uid: Number(uid), gid: Number(gid) };
  } catch (cause) {
    throw new NoPostgresHome('this machine has no user "nobody"', { cause });
  }
}

function placeForEverybody(): string {
  const place = [tmpdir(), '/tmp'].find(isOpenToEverybody);
  if (!place) throw new NoPostgresHome(`other users can not get at ${tmpdir()} or /tmp`);
  return place;
}

/** Can everybody go through all folders down to this one? */
function isOpenToEverybody(folder: string): boolean {
  const { mode } = statSync(folder);
  return (mode & 0o001) !== 0 && (folder === '/' || isOpenToEverybody(dirname(folder)));
}

function giveTo({ uid, gid }: User, folder: string): void {
  lchownSync(folder, uid, gid);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(folder, name), uid, gid);
}
