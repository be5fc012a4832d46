import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import { readOperatorManifests } from '../../lib/stacks/operator-manifests';
import { etcd } from '../../local/parts/etcd';
import { IDENTITIES, randomTokens } from '../../local/parts/identity';
import { certificateAuthority, kubeApiserver } from '../../local/parts/kube-apiserver';
import { kubeControllerManager } from '../../local/parts/kube-controller-manager';
import type { Part } from '../../local/parts/part';
import { PartProcess } from '../../local/platform/part-process';
import { Progress } from '../../local/processes/progress';
import { obtainPrograms } from '../../local/programs/programs';
import { type Answer, pathOf } from '../e2e/kubernetes-api';
import { until } from '../until';

/** Somebody who asks the API for something. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
}

/** A cluster administrator as one is on a real cluster: who may do everything, and has asked for nothing special. */
export const ADMINISTRATOR: Caller = { user: 'ada', groups: ['system:masters'] };
/** `kubectl --as=ada --as-group=tenantry:break-glass`, or somebody on call whose access entry maps to the group. */
export const BREAK_GLASS: Caller = { user: 'ada', groups: ['tenantry:break-glass'] };
export const { planner: PLANNER, deployer: DEPLOYER, operator: OPERATOR } = IDENTITIES;
/** Somebody whom RBAC lets write Tenants and Deployments, as the role `edit` of a platform's own making would: no group of ours. */
export const STRANGER: Caller = { user: 'sam', groups: ['teams:portal'] };

export interface RequestOptions {
  readonly body?: object;
  /** Default: JSON merge patch. */
  readonly patch?: 'apply';
}

/** An API server with what a cluster administrator applies of `operator/deploy`, and none of the platform's other parts. */
export class BareCluster {
  private constructor(
    private readonly directory: string,
    private readonly server: string,
    private readonly ca: string,
    private readonly token: string,
    private readonly parts: readonly PartProcess[],
  ) {}

  static async create(): Promise<BareCluster> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-bare-')));
    const programs = await obtainPrograms(new Progress({ write: () => undefined }));
    const parts: PartProcess[] = [];
    const start = async (part: Part) => {
      const process = PartProcess.start(part, join(directory, `${part.name}.log`));
      parts.push(process);
      await process.ready();
    };
    const tokens = randomTokens();
    const store = await etcd(programs.etcd, join(directory, 'etcd'));
    await start(store);
    const data = join(directory, 'kube-apiserver');
    const api = await kubeApiserver(programs.kubeApiserver, data, store.endpoint, tokens);
    await start(api);
    const ca = certificateAuthority(data);
    const cluster = new BareCluster(directory, api.endpoint, ca, tokens.admin, parts);
    await start(await controllers(programs.kubeControllerManager, directory, cluster));
    return cluster;
  }

  async remove(): Promise<void> {
    for (const part of this.parts.toReversed()) await part.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What a cluster administrator does once. The definition first, so that Kubernetes knows the types that policies speak of. */
  async install(objects: readonly KubernetesObject[]): Promise<void> {
    const isDefinition = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';
    for (const object of objects.filter(isDefinition)) await this.made(object);
    const tenants = '/apis/tenantry.dev/v1/tenants';
    await until('there are Tenants', async () => (await this.request(ADMINISTRATOR, 'GET', tenants)).status === 200);
    for (const object of objects.filter((object) => !isDefinition(object))) await this.made(object);
  }

  async made(object: KubernetesObject): Promise<void> {
    const { status, body } = await this.request(ADMINISTRATOR, 'POST', pathOf(object), { body: object });
    if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${status} ${body.message}`);
  }

  /** As anybody: an administrator impersonates them, as `kubectl --as --as-group` does. */
  request(caller: Caller, method: string, path: string, { body, patch }: RequestOptions = {}): Promise<Answer> {
    const type = patch === 'apply' ? 'application/apply-patch+yaml' : 'application/merge-patch+json';
    const headers = {
      authorization: `Bearer ${this.token}`,
      accept: 'application/json',
      'content-type': method === 'PATCH' ? type : 'application/json',
      'impersonate-user': caller.user,
      'impersonate-group': [...caller.groups],
    };
    const query = patch === 'apply' ? '?fieldManager=Terraform&force=true' : '';
    return new Promise((resolve, reject) => {
      const options = { method, headers, ca: this.ca, agent: false };
      const call = request(`${this.server}${path}${query}`, options, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: parsed(answer) }), reject);
      });
      call.on('error', reject);
      call.end(body && JSON.stringify(body));
    });
  }

  /** A kubeconfig as somebody who is impersonated. */
  kubeconfig(user: string): string {
    const cluster = { server: this.server, 'certificate-authority-data': Buffer.from(this.ca).toString('base64') };
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'bare', cluster }],
      users: [{ name: user, user: { token: this.token, as: user } }],
      contexts: [{ name: user, context: { cluster: 'bare', user } }],
      'current-context': user,
    });
  }
}

/** What is asked for before there is a definition of it is answered in plain text. */
function parsed(answer: string): Answer['body'] {
  return answer.startsWith('{') ? JSON.parse(answer) : { message: answer };
}

/** The controllers as they are on a real cluster: each its own account, with no right but those that Kubernetes gives it. */
async function controllers(program: string, directory: string, cluster: BareCluster): Promise<Part> {
  const file = join(directory, 'controllers.kubeconfig');
  writeFileSync(file, cluster.kubeconfig('system:kube-controller-manager'), { mode: 0o600 });
  const part = await kubeControllerManager(program, join(directory, 'controllers'), file);
  return { ...part, argv: [...part.argv, '--use-service-account-credentials'] };
}

/** `operator/deploy`, but for the Deployment. */
export const MANIFESTS = readOperatorManifests(join(__dirname, '../../operator/deploy'));
