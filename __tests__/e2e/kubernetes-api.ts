import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import type { Identity } from '../../local/parts/identity';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[];
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API says; the tests assert on it
  readonly body: any;
}

export interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** Where an object is made; with its name, where it is. */
export function pathOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const plural = /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : kind.endsWith('s') ? `${kind}es` : `${kind}s`;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${namespace}/${plural.toLowerCase()}`;
}

/** The Kubernetes API as somebody with a terminal has it: any request, as any identity, behind the back of Terraform. */
export class KubernetesApi {
  private readonly kubeconfig: Kubeconfig;

  constructor(kubeconfig: string) {
    this.kubeconfig = parse(readFileSync(kubeconfig, 'utf8'));
  }

  /** Makes an object, as `kubectl create` does. */
  create(object: KubernetesObject, as?: Identity): Promise<Answer> {
    return this.request('POST', pathOf(object), object, as);
  }

  /** What `kubectl get` shows, as the API server words it. */
  async table(path: string): Promise<Table> {
    const as = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    return (await this.request('GET', path, undefined, 'admin', as)).body;
  }

  /** @param body - for PATCH a JSON merge patch. */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    as: Identity = 'admin',
    accept = 'application/json',
  ): Promise<Answer> {
    const cluster = this.kubeconfig.clusters[0]?.cluster;
    const token = this.kubeconfig.users.find(({ name }) => name === as)?.user.token;
    const headers = {
      authorization: `Bearer ${token}`,
      accept,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    };
    const ca = Buffer.from(cluster?.['certificate-authority-data'] ?? '', 'base64');
    return new Promise((resolve, reject) => {
      const call = request(`${cluster?.server}${path}`, { method, headers, ca, agent: false }, (response) => {
        json(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      });
      call.on('error', reject);
      call.end(body && JSON.stringify(body));
    });
  }
}
