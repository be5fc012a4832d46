import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { makeOperatorRole, type Postgres, postgres } from '../../local/parts/postgres';
import { removePostgresHome } from '../../local/parts/postgres-home';
import { PartProcess } from '../../local/platform/part-process';
import { postgresql } from '../../local/programs/postgresql';

/** The platform's PostgreSQL, alone. */
export class DatabaseServer {
  private constructor(
    /** PostgreSQL's own variables, for a role that may make databases and is no superuser. */
    readonly environment: Readonly<Record<string, string>>,
    private readonly server: Postgres,
    private readonly directory: string,
    private readonly process: PartProcess,
  ) {}

  static async start(): Promise<DatabaseServer> {
    const directory = mkdtempSync(join(tmpdir(), 'tenantry-database-'));
    const server = await postgres(await postgresql().obtain(), join(directory, 'postgres'));
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

  async stop(): Promise<void> {
    await this.process.stop();
    removePostgresHome(join(this.directory, 'postgres'));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
