import { execFileSync, spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FakeDeployments } from '../deployments/fake-deployments';

/** A run of `ci`, as far as anybody looks at it. The newest has the greatest id. */
export interface CiRun {
  readonly id: number;
  readonly head_sha: string;
  /** Null while it goes on. */
  readonly conclusion: string | null;
  readonly event?: string;
  readonly head_branch?: string;
  readonly head_repository?: { readonly full_name: string } | null;
  readonly run_attempt?: number;
}

/** A run of `deploy-tenants`. */
export interface DeployRun {
  readonly id: number;
  readonly display_title: string;
  readonly event: string;
  readonly conclusion: string | null;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Not JSON where it is a text. */
  readonly body: unknown;
}

/** The repository acme/platform as GitHub's API tells of it: the branches and commits of a git repository on this machine, and runs. */
export class FakeGitHub {
  ci: readonly CiRun[] = [];
  deploys: readonly DeployRun[] = [];
  /** How the attempts of a run of ci ended, by its id; the first first. */
  attempts: Readonly<Record<number, readonly (string | null)[]>> = {};
  /** What it says in place of the truth. */
  instead: (path: string, method: string) => Answer | undefined = () => undefined;
  /** Of all repositories. */
  readonly deployments = new FakeDeployments();
  /** The paths that were asked for, below the repository's. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly folder: () => string,
  ) {
    server.on('request', async (request: IncomingMessage, response) => {
      const given = await text(request);
      const url = new URL(request.url ?? '/', 'http://localhost');
      const path = decodeURIComponent(url.pathname.replace('/repos/acme/platform', ''));
      this.asked.push(path + url.search);
      const {
        status = 200,
        headers = {},
        body,
      } = this.instead(path, request.method ?? '') ??
      this.deployments.answer(request.method ?? '', url.pathname, url.searchParams, given) ??
      this.answer(path, url.searchParams);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  /** @param folder - of the git repository. */
  static async start(folder: () => string): Promise<FakeGitHub> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return new FakeGitHub(server, folder);
  }

  /** What the runner tells every step of the job. */
  get environment(): NodeJS.ProcessEnv {
    return {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      GITHUB_REF_NAME: 'main',
      GITHUB_REPOSITORY: 'acme/platform',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_WORKFLOW_REF: 'acme/platform/.github/workflows/deploy-tenants.yml@refs/heads/main',
    };
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(path: string, query: URLSearchParams): Answer {
    const [, first, ...rest] = path.split('/');
    const last = rest.join('/');
    if (path === '') return { body: { default_branch: 'main' } };
    if (first === 'branches') return { body: { commit: { sha: this.git('rev-parse', `refs/heads/${last}`) } } };
    if (first === 'compare') return this.compared(...(last.split('...') as [string, string]));
    const attempt = /^\/actions\/runs\/(\d+)\/attempts\/(\d+)$/.exec(path);
    if (attempt) {
      const [id, number] = [Number(attempt[1]), Number(attempt[2])];
      return { body: { id, run_attempt: number, conclusion: this.attempts[id]?.[number - 1] ?? null } };
    }
    const runs = path.endsWith('/ci.yml/runs') ? this.ci.map(ofCi) : this.deploys.map(ofDeploys);
    const size = Number(query.get('per_page'));
    const begin = (Number(query.get('page') ?? 1) - 1) * size;
    const newest = [...runs].sort((a, b) => b.id - a.id);
    return { body: { workflow_runs: newest.slice(begin, begin + size) } };
  }

  private compared(base: string, head: string): Answer {
    const isIn = (one: string, other: string) =>
      spawnSync('git', ['merge-base', '--is-ancestor', one, other], { cwd: this.folder() }).status;
    const [down, up] = [isIn(base, head), isIn(head, base)];
    if (down === 128) return { status: 404, body: { message: 'Not Found' } };
    const status = base === head ? 'identical' : down === 0 ? 'ahead' : up === 0 ? 'behind' : 'diverged';
    const commits = this.git('log', '--reverse', '--format=%H %s', `${base}..${head}`).split('\n').filter(Boolean);
    const commit = (line: string) => ({ sha: line.slice(0, 40), commit: { message: `${line.slice(41)}\n\nAnd why.` } });
    return { body: { status, commits: commits.map(commit) } };
  }

  private git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder(), encoding: 'utf8' }).trim();
  }
}

function ofCi(run: CiRun) {
  return {
    event: 'push',
    head_branch: 'main',
    head_repository: { full_name: 'acme/platform' },
    run_attempt: 1,
    html_url: `https://github.com/acme/platform/actions/runs/${run.id}`,
    ...run,
  };
}

function ofDeploys(run: DeployRun) {
  return { ...run, html_url: `https://github.com/runs/${run.id}` };
}
