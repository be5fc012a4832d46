import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { parse } from 'yaml';
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

/** The Kubernetes API as somebody with a terminal has it: any request, as any identity, behind the back of Terraform. */
export class KubernetesApi {
  private readonly kubeconfig: Kubeconfig;

  constructor(kubeconfig: string) {
    this.kubeconfig = parse(readFileSync(kubeconfig, 'utf8'));
  }

  /** @param body - for PATCH a JSON merge patch. */
  request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    as: Identity = 'admin',
  ): Promise<Answer> {
    const cluster = this.kubeconfig.clusters[0]?.cluster;
    const token = this.kubeconfig.users.find(({ name }) => name === as)?.user.token;
    const headers = {
      authorization: `Bearer ${token}`,
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
