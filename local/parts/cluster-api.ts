import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { ExplainedError } from '../../lib/text/explained-error';

const DEADLINE = 10_000;

/** Thrown when the local cluster does not answer, or refuses. */
export class ClusterApiFailed extends ExplainedError {
  override readonly name = 'ClusterApiFailed';

  constructor(
    method: string,
    path: string,
    /** HTTP status; none where there was no answer. */
    readonly status: number | undefined,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${method} ${path} at the local cluster: ${reason}`, options);
  }
}

/** The little of the Kubernetes API that the platform itself needs, as an administrator. */
export class ClusterApi {
  constructor(
    private readonly server: string,
    /** Certificate authority, in PEM. */
    private readonly ca: string,
    private readonly token: string,
  ) {}

  /** As the one user of a file that `kubeconfig` made. */
  static fromKubeconfig(file: string): ClusterApi {
    const { clusters, users } = parse(readFileSync(file, 'utf8'));
    const [{ cluster }] = clusters;
    const [{ user }] = users;
    return new ClusterApi(
      cluster.server,
      Buffer.from(cluster['certificate-authority-data'], 'base64').toString(),
      user.token,
    );
  }

  /** What lies at `path`; undefined where there is nothing. */
  async get<Content>(path: string): Promise<Content | undefined> {
    try {
      return await this.send<Content>('GET', path);
    } catch (error) {
      if (error instanceof ClusterApiFailed && error.status === 404) return undefined;
      throw error;
    }
  }

  async create(path: string, body: object): Promise<void> {
    await this.send('POST', path, body);
  }

  /** @param body - a JSON merge patch. */
  async change(path: string, body: object): Promise<void> {
    await this.send('PATCH', path, body);
  }

  private async send<Content>(method: string, path: string, body?: object): Promise<Content> {
    const { status, content } = await this.exchange(method, path, body);
    if (status < 200 || status > 299) throw new ClusterApiFailed(method, path, status, `${status} ${content}`);
    return JSON.parse(content) as Content;
  }

  private exchange(method: string, path: string, body?: object): Promise<{ status: number; content: string }> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': type };
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(new ClusterApiFailed(method, path, undefined, cause.message, { cause }));
      const options = {
        method,
        headers,
        ca: this.ca,
        // A connection that is kept would break when the API server is started anew.
        agent: false,
        signal: AbortSignal.timeout(DEADLINE),
      };
      const call = request(`${this.server}${path}`, options, (response) => {
        text(response).then((content) => resolve({ status: response.statusCode ?? 0, content }), fail);
      });
      call.on('error', fail);
      call.end(body && JSON.stringify(body));
    });
  }
}
