import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { parse, stringify } from 'yaml';
import { readOperatorManifests } from '../../lib/stacks/operator-manifests';
import type { TenantManifest } from '../../lib/stacks/tenant-manifest';
import type { TenantSpec } from '../../lib/tenant/spec';
import type { Condition } from '../../lib/tenant/status';
import { operator } from '../../local/parts/operator';
import { down, up } from '../../local/platform/platform';
import type { PlatformRecord } from '../../local/platform/platform-record';
import { writePrivate } from '../../local/platform/write-private';
import { type LeashedProcess, letGo, spawnOnLeash } from '../../local/processes/leash';
import { Progress } from '../../local/processes/progress';
import { obtainPrograms } from '../../local/programs/programs';
import { type Answer, KubernetesApi } from '../e2e/kubernetes-api';
import { until } from '../until';
import { KubernetesProxy } from './kubernetes-proxy';
import { PostgresProxy } from './postgres-proxy';
import { Writes } from './writes';

const PROJECT = join(__dirname, '../..');
const TENANTS = '/apis/tenantry.dev/v1/tenants';
const quiet = new Progress({ write: () => undefined });

export interface LiveService {
  readonly name: string;
  readonly image?: string;
  readonly commit?: string;
  readonly since?: string;
  readonly readyReplicas: number;
  readonly replicas: number;
}

/** A Tenant with everything that the API server keeps of it. */
export interface Tenant {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion: string;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec: TenantSpec;
  readonly status?: {
    readonly observedGeneration: number;
    readonly host?: string;
    readonly template?: string;
    readonly conditions: readonly (Condition & { readonly lastTransitionTime: string })[];
    readonly services?: readonly LiveService[];
  };
}

/** A local platform with an operator that can be killed, cut off, and watched at every write: it stands behind two proxies. */
export class Lab {
  readonly writes = new Writes();
  readonly api: KubernetesApi;
  readonly kubernetes: KubernetesProxy;
  readonly postgres: PostgresProxy;
  private process: LeashedProcess | undefined;
  private lives = 0;
  metrics = '';
  health = '';

  private constructor(
    readonly directory: string,
    readonly record: PlatformRecord,
    private readonly python: string,
    private sql: Client,
  ) {
    this.api = new KubernetesApi(record.kubernetes.kubeconfig);
    const { cluster } = parse(readFileSync(record.kubernetes.kubeconfig, 'utf8')).clusters[0];
    const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
    this.kubernetes = new KubernetesProxy(this.writes, { server: cluster.server, ca });
    this.postgres = new PostgresProxy(this.writes, record.postgres);
  }

  /**
   * A platform with all that `operator/deploy` has but the operator's Deployment: the operator is started here, not by the platform.
   *
   * @param postgresql - a folder with the `bin` of another PostgreSQL than the platform's own.
   */
  static async create({ postgresql }: { readonly postgresql?: string } = {}): Promise<Lab> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-lab-')));
    const { operatorPython } = await obtainPrograms(quiet);
    const options = { directory, account: '123456789012', region: 'eu-central-1', attached: true, progress: quiet };
    const record = await up({ ...options, ...(postgresql && { postgresql }) });
    const lab = new Lab(directory, record, operatorPython, await connected(record));
    await lab.kubernetes.accept();
    await lab.postgres.accept();
    for (const object of readOperatorManifests(join(PROJECT, 'operator/deploy'))) {
      if (object.kind === 'Deployment') continue;
      const { status, body } = await lab.api.create(object);
      if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${body.message}`);
    }
    await until('there is a definition of Tenant', async () => (await lab.api.request('GET', TENANTS)).status === 200);
    return lab;
  }

  async remove(): Promise<void> {
    this.kill();
    await this.sql.end().catch(() => undefined);
    await this.kubernetes.close();
    await this.postgres.close();
    await down(this.directory, quiet);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /**
   * Starts the operator, as its own identity, and returns when it answers.
   *
   * @param folder - where its package lies; another one than this checkout's is another version of it.
   * @param database - what it is told of the database, by file.
   */
  async start(
    environment: Readonly<Record<string, string>> = {},
    folder = join(PROJECT, 'operator'),
    database: Readonly<Record<string, string>> = { url: this.databaseUrl() },
  ): Promise<void> {
    this.tell(database);
    const { part, health, metrics } = await operator({
      python: this.python,
      folder,
      kubeconfig: this.kubeconfig(),
      databaseFolder: this.databaseFolder,
      ingress: this.record.gateway.endpoint,
    });
    Object.assign(this, { health, metrics });
    const log = openSync(this.log, 'a');
    const env = { PATH: process.env.PATH, ...part.env, PGSSLMODE: 'disable', ...environment };
    this.process = spawnOnLeash(part.argv, {
      env,
      stdout: log,
      stderr: log,
      ...(part.cwd !== undefined && { cwd: part.cwd }),
    });
    this.lives += 1;
    await until(`the operator answers (${this.log})`, () => part.isReady());
  }

  /** The operator's own, through the proxy. */
  databaseUrl(changes: Partial<Pick<URL, 'username' | 'password' | 'port'>> = {}): string {
    return Object.assign(new URL(this.record.postgres.operator), { port: String(this.postgres.port) }, changes).href;
  }

  /** Writes what the operator is told of the database, each file whole, as a kubelet does. What is not said is gone. */
  tell(files: Readonly<Record<string, string>>): void {
    mkdirSync(this.databaseFolder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writePrivate(join(this.databaseFolder, name), content);
    for (const name of readdirSync(this.databaseFolder)) if (!(name in files)) rmSync(join(this.databaseFolder, name));
  }

  private get databaseFolder(): string {
    return join(this.directory, 'operator-database');
  }

  /** What all lives of the operator said. */
  get log(): string {
    return join(this.directory, 'operator.log');
  }

  output(): string {
    return readFileSync(this.log, 'utf8');
  }

  /** What Prometheus would read of one metric; undefined where there is none with these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    const lines = (await (await fetch(this.metrics)).text()).split('\n');
    const found = lines.find(
      (line) => /^\w+/.exec(line)?.[0] === name && wanted.every((label) => line.includes(label)),
    );
    return found === undefined ? undefined : Number(found.split(' ').at(-1));
  }

  /** Kills it at once, whatever it is doing. */
  kill(): void {
    if (this.process) letGo(this.process);
    this.process = undefined;
  }

  /** Ends it as a kubelet does. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process) return;
    const ended = once(process, 'exit');
    process.kill('SIGTERM');
    await ended;
    this.process = undefined;
  }

  async apply(tenant: TenantManifest): Promise<Tenant> {
    const { name } = tenant.metadata;
    const created = await this.api.request('POST', TENANTS, tenant);
    if (created.status === 201) return created.body;
    return this.change(name, tenant.spec);
  }

  async change(name: string, spec: Partial<TenantSpec>): Promise<Tenant> {
    return expectOk(await this.api.request('PATCH', `${TENANTS}/${name}`, { spec })).body;
  }

  /** Deletes a Tenant, as soon as the operator has looked at it since its last change: before that the API server refuses. */
  async delete(name: string): Promise<void> {
    await until(`${name} may be deleted`, async () => {
      const answer = await this.api.request('DELETE', `${TENANTS}/${name}`);
      const isEarly = answer.status === 403 && answer.body.message.includes('has not looked at');
      return !isEarly && expectOk(answer);
    });
  }

  async tenant(name: string): Promise<Tenant | undefined> {
    const { status, body } = await this.api.request('GET', `${TENANTS}/${name}`);
    return status === 404 ? undefined : body;
  }

  async tenants(): Promise<readonly Tenant[]> {
    return expectOk(await this.api.request('GET', TENANTS)).body.items;
  }

  /** The condition of a Tenant's current generation; undefined before the operator has said anything about that. */
  async condition(name: string, type: string): Promise<Condition | undefined> {
    const tenant = await this.tenant(name);
    if (tenant?.status?.observedGeneration !== tenant?.metadata.generation) return undefined;
    return tenant?.status?.conditions.find((one) => one.type === type);
  }

  async untilReady(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await until(`${name} is ready`, async () => (await this.condition(name, 'Ready'))?.status === 'True').catch(
        async (error: Error) => {
          const status = JSON.stringify((await this.tenant(name))?.status, null, 2);
          throw new Error(`${error.message}; its status:\n${status}\nwhat the operator said:\n${this.lastWords()}`);
        },
      );
    }
  }

  /** Waits for a reason why a Tenant is not ready, and returns the condition that has it. */
  async untilReason(name: string, reason: string, type = 'Ready'): Promise<Condition> {
    return until(`${name} has the reason ${reason}`, async () => {
      const found = await this.condition(name, type);
      return found?.reason === reason && found;
    });
  }

  async untilGone(name: string): Promise<void> {
    await until(`${name} is gone`, async () => (await this.tenant(name)) === undefined);
  }

  /** Waits until nothing of a tenant is left in Kubernetes; its namespace goes last. */
  async untilClearedAway(name: string): Promise<void> {
    await this.untilGone(name);
    await until(`the namespace of ${name} is gone`, async () => {
      return (await this.api.request('GET', `/api/v1/namespaces/tenant-${name}`)).status === 404;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; what the operator said:\n${this.lastWords()}`);
    });
  }

  private lastWords(): string {
    return this.output().trimEnd().split('\n').slice(-20).join('\n');
  }

  /** Runs a statement as PostgreSQL's superuser, not through the proxy. */
  async query<Row extends QueryResultRow>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.sql.query<Row>(text, [...parameters])).rows;
  }

  /** After PostgreSQL was started anew. */
  async reconnect(): Promise<void> {
    this.sql = await connected(this.record);
  }

  /** Whether a role can log in to a database with this password. */
  async logsIn(user: string, password: string, database: string): Promise<boolean> {
    const { host, port } = this.record.postgres;
    const client = new Client({ host, port, user, password, database });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }

  private kubeconfig(): string {
    const config = parse(readFileSync(this.record.kubernetes.kubeconfig, 'utf8'));
    const file = join(this.directory, 'operator.kubeconfig');
    config.clusters[0].cluster = { server: this.kubernetes.url };
    writeFileSync(file, stringify({ ...config, 'current-context': 'operator' }), { mode: 0o600 });
    return file;
  }
}

async function connected({ postgres }: PlatformRecord): Promise<Client> {
  const sql = new Client({ connectionString: postgres.superuser });
  // A server that ends tells its clients, who need not be listening.
  sql.on('error', () => undefined);
  await sql.connect();
  return sql;
}

function expectOk(answer: Answer): Answer {
  if (answer.status < 300) return answer;
  throw new Error(`the API server answers ${answer.status}: ${answer.body.message}`);
}
