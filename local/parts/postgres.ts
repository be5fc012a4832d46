import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { run } from '../processes/run';
import { freePort } from './free-port';
import type { Part } from './part';
import { makePostgresHome, type PostgresHome } from './postgres-home';

const HOST = '127.0.0.1';

export interface Postgres {
  readonly part: Part;
  readonly host: string;
  readonly port: number;
  /** URLs of the maintenance database, with passwords. */
  readonly superuser: string;
  readonly operator: string;
}

/** A new PostgreSQL server, which has no database but its own. */
export async function postgres(programs: string, data: string): Promise<Postgres> {
  const home = await makePostgresHome(programs, data);
  const port = await freePort();
  const url = (user: string, password: string) => `postgresql://${user}:${password}@${HOST}:${port}/postgres`;
  const password = randomPassword();
  const superuser = url('postgres', password);
  await makeCluster(home, password);

  const part: Part = {
    name: 'postgres',
    endpoint: `postgresql://${HOST}:${port}`,
    argv: [join(home.bin, 'postgres'), '-D', database(home), '-p', String(port), ...settings()],
    env: { HOME: home.folder },
    cwd: home.folder,
    user: home.user,
    isReady: () => connects(superuser),
    // SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
  };
  return { part, host: HOST, port, superuser, operator: url(OPERATOR_ROLE, randomPassword()) };
}

const OPERATOR_ROLE = 'tenantry_operator';

/** The operator's identity: may make roles and databases, and is no superuser, as in a managed service. */
export async function makeOperatorRole({ superuser, operator }: Postgres): Promise<void> {
  const { password } = new URL(operator);
  await using(superuser, (client) =>
    client.query(`CREATE ROLE ${OPERATOR_ROLE} LOGIN CREATEROLE CREATEDB PASSWORD ${client.escapeLiteral(password)}`),
  );
}

async function makeCluster(home: PostgresHome, password: string): Promise<void> {
  const passwordFile = join(home.folder, 'password');
  // The folder is closed to all but the user who has to read it.
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const initdb = [
    join(home.bin, 'initdb'),
    `--pgdata=${database(home)}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same letters in the same order on every machine.
    '--locale=C',
    ...((await version(home)) < 17 ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8']),
    '--no-sync',
  ];
  await run(initdb, { cwd: home.folder, user: home.user });
  rmSync(passwordFile);
}

/** Such as 18. */
async function version({ bin, folder, user }: PostgresHome): Promise<number> {
  const said = await run([join(bin, 'postgres'), '--version'], { cwd: folder, user });
  return Number(/ (\d+)/.exec(said)?.[1]);
}

function database({ folder }: PostgresHome): string {
  return join(folder, 'data');
}

function settings(): string[] {
  const all = {
    listen_addresses: HOST,
    unix_socket_directories: '',
    // A new platform starts empty, so there is nothing that must survive a loss of power.
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    // Files in its own folder: what a kill leaves in /dev/shm would stay there for ever.
    dynamic_shared_memory_type: 'mmap',
    shared_buffers: '32MB',
    max_connections: '200',
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function connects(url: string): Promise<boolean> {
  try {
    await using(url, (client) => client.query('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}

async function using<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A server that is being stopped tells its clients, who need not be listening.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Fit for URLs as it is. */
function randomPassword(): string {
  return randomBytes(24).toString('hex');
}
