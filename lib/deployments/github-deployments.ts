import { z } from 'zod';
import { isCommit } from '../images/pinned-image';
import { ExplainedError } from '../text/explained-error';
import { plainText } from '../text/harmless';
import type { PresentDeployment } from './present-deployment';
import type { WantedDeployment } from './wanted-deployment';

/** Thrown when GitHub answers for nobody now: it is down, slow, or has been asked too much. */
export class GitHubAway extends ExplainedError {
  override readonly name = 'GitHubAway';
}

/** Thrown when GitHub refuses something about one repository, or answers with what it should not. */
export class RepositoryRefused extends ExplainedError {
  override readonly name = 'RepositoryRefused';
}

/** Thrown when GitHub refuses one deployment, and would take others of the same repository. */
export class DeploymentRefused extends ExplainedError {
  override readonly name = 'DeploymentRefused';
}

export interface GitHubAccess {
  /** Address of the API. */
  readonly api: string;
  /** Of an App with "Deployments: write" on the repositories. */
  readonly token: string;
  /** Page of the run that tells. */
  readonly run?: string;
  /** Milliseconds from now after which nothing is asked any more. */
  readonly patience: number;
}

/** Milliseconds that one answer may take. */
const DEADLINE = 20_000;

const id = z.int().positive();
const deploymentsAnswer = z.array(z.object({ id, sha: z.string().refine(isCommit) }));
const statusesAnswer = z.array(
  z.object({ id, state: z.string(), description: z.nullish(z.string()).transform((text) => text ?? '') }),
);
const createdAnswer = z.object({ id });
const refusal = z.object({ message: z.string() });

/** GitHub's deployments: https://docs.github.com/en/rest/deployments */
export class GitHubDeployments {
  private readonly end: AbortSignal;

  constructor(private readonly access: GitHubAccess) {
    this.end = AbortSignal.timeout(access.patience);
  }

  /**
   * The newest deployment to an environment; undefined where there is none. GitHub lists the newest first, which it does not promise: so a few
   * are asked for, and the number decides.
   *
   * @throws GitHubAway, RepositoryRefused
   */
  async newest(of: WantedDeployment): Promise<PresentDeployment | undefined> {
    const [deployment] = await this.listed(of, 10);
    if (!deployment) return undefined;
    const status = await this.status(of, deployment.id);
    return { id: deployment.id, commit: deployment.sha, ...(status && { status }) };
  }

  /**
   * The numbers of those before a deployment to the same environment that GitHub still takes for active, the oldest first: of as many as its page
   * shows.
   *
   * @throws GitHubAway, RepositoryRefused
   */
  async activeBefore(id: number, of: WantedDeployment): Promise<number[]> {
    const active: number[] = [];
    for (const former of await this.listed(of, 30)) {
      if (former.id < id && (await this.status(of, former.id))?.state !== 'inactive') active.unshift(former.id);
    }
    return active;
  }

  /**
   * Notes that a commit goes to an environment; returns the number of the deployment.
   *
   * @throws GitHubAway, RepositoryRefused, DeploymentRefused
   */
  async create(
    { repository, environment, service }: WantedDeployment,
    { commit, release }: { readonly commit: string; readonly release: string },
  ): Promise<number> {
    const { id } = await this.ask(repository, '/deployments', createdAnswer, {
      ref: commit,
      environment,
      description: plainText(`${service} ${release}`, 140),
      payload: { service, release },
      // It tells of what is there: nothing is to be merged for it, and no check of the commit to be waited for.
      auto_merge: false,
      required_contexts: [],
      transient_environment: false,
      // GitHub takes former deployments for inactive where they are neither transient nor of production.
      // https://docs.github.com/en/rest/deployments/deployments#inactive-deployments
      production_environment: false,
    });
    return id;
  }

  /** @throws GitHubAway, RepositoryRefused, DeploymentRefused */
  async say({ repository, state, description, url }: WantedDeployment, id: number): Promise<void> {
    await this.ask(repository, `/deployments/${id}/statuses`, createdAnswer, {
      state,
      description,
      ...(this.access.run !== undefined && { log_url: this.access.run }),
      ...(url !== undefined && { environment_url: url }),
      auto_inactive: true,
    });
  }

  /** The newest first. */
  private async listed({ repository, environment }: WantedDeployment, atMost: number) {
    const query = new URLSearchParams({ environment, per_page: String(atMost) });
    return newestFirst(await this.ask(repository, `/deployments?${query}`, deploymentsAnswer));
  }

  private async status({ repository }: WantedDeployment, id: number) {
    const path = `/deployments/${id}/statuses?per_page=100`;
    const [status] = newestFirst(await this.ask(repository, path, statusesAnswer));
    return status;
  }

  private async ask<Answer>(
    repository: string,
    path: string,
    schema: z.ZodType<Answer>,
    body?: object,
  ): Promise<Answer> {
    const { api, token } = this.access;
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${api}/repos/${repository}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
        // A repository that was renamed answers by its new name: that belongs into the platform file.
        redirect: 'manual',
        signal: AbortSignal.any([this.end, AbortSignal.timeout(DEADLINE)]),
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      answer = jsonIn(text);
    } catch (cause) {
      const { message, cause: why } = cause as Error;
      throw new GitHubAway(`GitHub does not answer: ${(why as Error | undefined)?.message ?? message}`, { cause });
    }
    if (response.ok) {
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      throw new RepositoryRefused(`GitHub answers with something else than a deployment (${response.status})`);
    }
    throw refused(response, answer);
  }
}

/** What it means that GitHub did not do what it was asked, and what to do about it. */
function refused({ status, headers }: Response, answer: unknown): ExplainedError {
  const parsed = refusal.safeParse(answer);
  const said = parsed.success ? `${status}: ${plainText(parsed.data.message)}` : String(status);
  // Of a secondary limit it may be the message alone that tells.
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
  const isLimited =
    headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0' || /secondary rate limit/i.test(said);
  if (status === 429 || (status === 403 && isLimited)) return new GitHubAway(`GitHub was asked too much (${said})`);
  if (status === 401) return new GitHubAway(`GitHub does not take the token (${said})`);
  if (status >= 500) return new GitHubAway(`GitHub does not answer (${said})`);
  if (status >= 300 && status < 400)
    return new RepositoryRefused(`it has another name by now (${status}): mend "github" in the platform file`);
  if (status === 403 || status === 404)
    return new RepositoryRefused(
      `GitHub refuses (${said}). Is the App installed on it, with "Deployments: read and write"? Is it the "github" of the service in the platform file?`,
    );
  // https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
  if (status === 409 || status === 422)
    return new DeploymentRefused(
      `GitHub does not take it (${said}). If this repository has no such commit, mend "github" of the service in the platform file, or push an image of a commit that it has. Until then GitHub shows here what it showed before.`,
    );
  return new RepositoryRefused(`GitHub refuses (${said})`);
}

function newestFirst<Item extends { readonly id: number }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => b.id - a.id);
}

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
