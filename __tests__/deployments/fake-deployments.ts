import type { Answer } from '../workflows/fake-github';

export interface FakeStatus {
  readonly state: string;
  readonly description: string;
  readonly log_url?: string;
  readonly environment_url?: string;
}

/** As many as a page of GitHub has. */
const PAGE = 30;

export interface FakeDeployment {
  readonly id: number;
  readonly repository: string;
  readonly environment: string;
  readonly sha: string;
  readonly asked: Readonly<Record<string, unknown>>;
  /** The newest first. */
  readonly statuses: FakeStatus[];
}

const PATH = /^\/repos\/([^/]+\/[^/]+)\/deployments(?:\/(\d+)\/statuses)?$/;

/** The deployments of all repositories, as GitHub documents them: https://docs.github.com/en/rest/deployments */
export class FakeDeployments {
  /** The oldest first. */
  readonly all: FakeDeployment[] = [];
  /** What was written, such as `POST /repos/acme/apiserver/deployments`. */
  readonly writes: string[] = [];
  /** Whether a repository has a commit. */
  has: (repository: string, commit: string) => boolean = () => true;

  /** Undefined for what is about something else. */
  answer(method: string, path: string, query: URLSearchParams, body: string): Answer | undefined {
    const [, repository, id] = PATH.exec(path) ?? [];
    if (repository === undefined) return undefined;
    const deployment = this.all.find((one) => one.repository === repository && one.id === Number(id));
    if (id !== undefined && !deployment) return { status: 404, body: { message: 'Not Found' } };
    const size = Number(query.get('per_page') ?? PAGE);
    if (method === 'GET') {
      if (deployment) {
        const { length } = deployment.statuses;
        return { body: deployment.statuses.map((status, index) => ({ id: length - index, ...status })).slice(0, size) };
      }
      const of = this.all.filter(
        (one) => one.repository === repository && one.environment === query.get('environment'),
      );
      const newest = [...of].reverse().slice(0, size);
      return { body: newest.map(({ id, sha, environment }) => ({ id, sha, environment })) };
    }
    this.writes.push(`${method} ${path}`);
    const given = JSON.parse(body) as Record<string, unknown>;
    return deployment ? this.addStatus(deployment, given) : this.create(repository, given);
  }

  /** What the page of a repository shows of an environment: commits with what became of them, the newest first. */
  shown(repository: string, environment: string): string[] {
    return this.of(repository, environment).map(({ sha, statuses: [status] }) => `${sha} ${status?.state}`);
  }

  of(repository: string, environment: string): FakeDeployment[] {
    return this.all.filter((one) => one.repository === repository && one.environment === environment).reverse();
  }

  private create(repository: string, asked: Record<string, unknown>): Answer {
    const { ref, environment } = asked as { ref: string; environment: string };
    if (!this.has(repository, ref)) return { status: 422, body: { message: `No ref found for: ${ref}` } };
    const id = this.all.length + 1;
    this.all.push({ id, repository, environment, sha: ref, asked, statuses: [] });
    return { status: 201, body: { id, sha: ref, environment } };
  }

  private addStatus(deployment: FakeDeployment, given: Record<string, unknown>): Answer {
    const status = given as unknown as FakeStatus & { readonly auto_inactive?: boolean };
    if (status.description.length > 140) return { status: 422, body: { message: 'description is too long' } };
    deployment.statuses.unshift(status);
    if (status.state === 'success' && status.auto_inactive !== false) {
      const { repository, environment, id } = deployment;
      const prior = this.of(repository, environment).filter(
        (one) => one.id < id && !one.asked.transient_environment && !one.asked.production_environment,
      );
      for (const { statuses } of prior) {
        if (statuses[0]?.state !== 'inactive') statuses.unshift({ state: 'inactive', description: '' });
      }
    }
    return { status: 201, body: { id: deployment.statuses.length, ...status } };
  }
}
