import { chownSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { makeOperatorRole, type Postgres, postgres } from '../../local/parts/postgres';
import { removePostgresHome } from '../../local/parts/postgres-home';
import { PartProcess } from '../../local/platform/part-process';
import { postgresql } from '../../local/programs/postgresql';
import { type Certificate, certificate } from '../fleet/health/certificates';

/** The platform's PostgreSQL, alone. */
export class DatabaseServer {
  private constructor(
    /** PostgreSQL's own variables, for a role that may make databases and is no superuser. */
    readonly environment: Readonly<Record<string, string>>,
    readonly server: Postgres,
    private readonly directory: string,
    private readonly process: PartProcess,
  ) {}

  /** @param programs - a folder with the `bin` of another PostgreSQL than the platform's. */
  static async start(programs?: string): Promise<DatabaseServer> {
    const directory = mkdtempSync(join(tmpdir(), 'tenantry-database-'));
    const server = await postgres(programs ?? (await postgresql().obtain()), join(directory, 'postgres'));
    const process = PartProcess.start(server.part, join(directory, 'postgres.log'));
    await process.ready();
    await makeOperatorRole(server);
    const { username, password } = new URL(server.operator);
    const environment = {
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: 'postgres',
      PGSSLMODE: 'disable',
    };
    return new DatabaseServer(environment, server, directory, process);
  }

  /** Makes a database of that role's own, and returns its name. */
  async createDatabase(name: string): Promise<string> {
    const client = new Client({ connectionString: this.server.operator });
    await client.connect();
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    await client.end();
    return name;
  }

  /** From now on it takes TLS too, with a certificate for `host` that it has signed itself; returns its file. */
  async serveTls(host: string): Promise<string> {
    return serveTls(this.server.superuser, join(this.directory, 'postgres'), await certificate({ host }));
  }

  async stop(): Promise<void> {
    await this.process.stop();
    removePostgresHome(join(this.directory, 'postgres'));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Has a PostgreSQL server take TLS too, with this certificate from now on; returns its file, which is in the server's home. */
export async function serveTls(superuser: string, home: string, { cert, key }: Certificate): Promise<string> {
  const folder = realpathSync(home);
  const files = { ssl_cert_file: join(folder, 'server.crt'), ssl_key_file: join(folder, 'server.key') };
  const { uid, gid } = statSync(folder);
  for (const [file, content] of [
    [files.ssl_cert_file, cert],
    [files.ssl_key_file, key],
  ] as const) {
    writeFileSync(file, content, { mode: 0o600 });
    chownSync(file, uid, gid);
  }
  const client = new Client({ connectionString: superuser });
  await client.connect();
  for (const [name, value] of Object.entries({ ...files, ssl: 'on' }))
    await client.query(`ALTER SYSTEM SET ${name} = ${client.escapeLiteral(value)}`);
  await client.query('SELECT pg_reload_conf()');
  await client.end();
  return files.ssl_cert_file;
}
