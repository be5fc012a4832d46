import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { etcd } from '../../local/parts/etcd';
import { randomTokens, type Tokens } from '../../local/parts/identity';
import { certificateAuthority, kubeApiserver } from '../../local/parts/kube-apiserver';
import type { Part } from '../../local/parts/part';
import { type LeashedProcess, letGo, spawnOnLeash } from '../../local/processes/leash';
import { Progress } from '../../local/processes/progress';
import { obtainPrograms } from '../../local/programs/programs';
import { until } from '../until';

export const TENANTS = '/apis/tenantry.dev/v1/tenants';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API says; the tests assert on it
  readonly body: any;
}

/** A real API server with its store and nothing else: it checks Tenants and keeps them, and nobody acts on them. */
export class ApiServer {
  private constructor(
    private readonly folder: string,
    private readonly processes: readonly LeashedProcess[],
    private readonly server: string,
    private readonly agent: Agent,
    private readonly tokens: Tokens,
  ) {}

  static async start(): Promise<ApiServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tenantry-api-server-'));
    const programs = await obtainPrograms(new Progress({ write: () => undefined }));
    const tokens = randomTokens();
    const store = await etcd(programs.etcd, join(folder, 'etcd'));
    const processes = [await started(store)];
    const data = join(folder, 'kube-apiserver');
    const server = await kubeApiserver(programs.kubeApiserver, data, store.endpoint, tokens);
    processes.push(await started(server));
    const agent = new Agent({ keepAlive: true, ca: certificateAuthority(data) });
    return new ApiServer(folder, processes, server.endpoint, agent, tokens);
  }

  stop(): void {
    this.agent.destroy();
    for (const process of this.processes) letGo(process);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Makes the definition, or puts it in the place of the one that there is; then it is in force: it takes `tenant` and prunes nothing. */
  async define(definition: object, tenant: { readonly spec: object }): Promise<void> {
    const path = `${DEFINITIONS}/tenants.tenantry.dev`;
    const { status } = await this.request('GET', path);
    const written =
      status === 404
        ? await this.request('POST', DEFINITIONS, definition)
        : await this.request('PATCH', path, definition, 'application/merge-patch+json');
    if (written.status > 201) throw new Error(written.body.message);
    await until('the definition is in force', async () =>
      isDeepStrictEqual((await this.dryRun(tenant)).body.spec, tenant.spec),
    );
  }

  /** What the server says to a Tenant, without keeping it. */
  dryRun(tenant: object): Promise<Answer> {
    return this.request('POST', `${TENANTS}?dryRun=All`, tenant);
  }

  /** As Terraform's provider does, with force. */
  apply(tenant: { readonly metadata: { readonly name: string } }): Promise<Answer> {
    const path = `${TENANTS}/${tenant.metadata.name}?fieldManager=Terraform&force=true`;
    return this.request('PATCH', path, tenant, 'application/apply-patch+yaml');
  }

  /** As somebody does with `kubectl patch`. */
  patch(name: string, change: object): Promise<Answer> {
    return this.request('PATCH', `${TENANTS}/${name}?fieldManager=kubectl`, change, 'application/merge-patch+json');
  }

  request(method: string, path: string, body?: object, contentType = 'application/json'): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.tokens.admin}`, 'content-type': contentType };
    return new Promise((resolve, reject) => {
      const call = request(`${this.server}${path}`, { method, headers, agent: this.agent }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: parsed(answer) }), reject);
      });
      call.on('error', reject);
      call.end(body && JSON.stringify(body));
    });
  }
}

async function started(part: Part): Promise<LeashedProcess> {
  const env = { PATH: process.env.PATH, ...part.env };
  const child = spawnOnLeash(part.argv, { env, stdout: 'pipe', stderr: 'pipe' });
  child.stdout?.resume();
  child.stderr?.resume();
  await until(`${part.name} is ready`, () => part.isReady());
  return child;
}

/** What is no JSON is no answer of the API's own: there is no such path. */
function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return { message: answer };
  }
}
