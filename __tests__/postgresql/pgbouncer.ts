import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/parts/free-port';
import { type LeashedProcess, letGo, spawnOnLeash } from '../../local/processes/leash';
import type { Progress } from '../../local/processes/progress';
import { run } from '../../local/processes/run';
import { Artefact } from '../../local/programs/artefact';
import { goPlatform } from '../../local/programs/go-platform';
import { until } from '../until';
import { sayWhatIsSkipped } from './skipped';

/** What it is linked with, and a machine may not have. */
const LIBRARIES = /Depends: (libevent[\w.-]*|libc-?ares[\w.-]*)/g;

/** PgBouncer, out of Debian's or Ubuntu's own packages, for it is in no other registry. Nothing is installed, so nobody needs to be root. */
const pgbouncer = new Artefact('pgbouncer', [goPlatform()], async (output, scratch) => {
  const depends = await run(['apt-cache', 'depends', 'pgbouncer']);
  const libraries = [...depends.matchAll(LIBRARIES)].map(([, name]) => name as string);
  await run(['apt-get', 'download', '--quiet', 'pgbouncer', ...libraries], { cwd: scratch });
  await run(['sh', '-c', 'for package in *.deb; do dpkg-deb -x "$package" "$1"; done', 'sh', output], { cwd: scratch });
});

/** Whether it could be had on this machine. What needs it is skipped where not. */
export const hasPgBouncer = (): boolean => pgbouncer.exists;

/** Where it can't be had, as on another system than Debian or Ubuntu, one line says so. */
export async function obtainPgBouncer(progress: Progress): Promise<void> {
  if (pgbouncer.exists) return;
  try {
    await pgbouncer.obtain();
  } catch (error) {
    sayWhatIsSkipped(progress, 'PgBouncer', error);
  }
}

export interface PgBouncerOptions {
  /** URL of the server, as somebody who may read everybody's password hash. */
  readonly server: string;
  readonly mode: 'session' | 'transaction';
}

/** A PgBouncer before a server, for every database and every user that is there. */
export class PgBouncer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly process: LeashedProcess,
  ) {}

  static async start({ server, mode }: PgBouncerOptions): Promise<PgBouncer> {
    const { hostname, port: serverPort, username, password } = new URL(server);
    const folder = mkdtempSync(join(tmpdir(), 'tenantry-pgbouncer-'));
    const port = await freePort();
    const [config, users, log] = ['pgbouncer.ini', 'users.txt', 'log'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(users, `"${username}" "${decodeURIComponent(password)}"\n`);
    writeFileSync(
      config,
      `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
auth_user = ${username}
auth_query = SELECT usename, passwd FROM pg_shadow WHERE usename = $1
server_idle_timeout = 1
pool_mode = ${mode}
${process.getuid?.() === 0 ? 'user = nobody' : ''}
`,
    );
    const output = openSync(log, 'w');
    const argv = [join(pgbouncer.path, 'usr/sbin/pgbouncer'), config];
    const library = await run(['sh', '-c', 'ls -d "$1"/usr/lib/*-linux-gnu*', 'sh', pgbouncer.path]);
    const env = { ...process.env, LD_LIBRARY_PATH: library.trim() };
    const bouncer = new PgBouncer(port, folder, spawnOnLeash(argv, { env, stdout: output, stderr: output }));
    await until(`PgBouncer listens (${log})`, () => listens(port));
    return bouncer;
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    letGo(this.process);
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
