import { z } from 'zod';
import { withoutIds } from '../config/without-ids';
import { GitHubSilent } from './github';

/** A run of a workflow that goes on. */
export interface RunAtWork {
  readonly id: number;
  readonly title: string;
  readonly url: string;
  readonly since: Date;
}

/** The workflow whose runs hold a state: a plan takes no lock. */
const HOLDER = /^\.github\/workflows\/deploy-tenants\.ya?ml/;
const DEADLINE = 20_000;

const answer = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.number(),
      path: z.string(),
      display_title: z.string(),
      html_url: z.string(),
      run_started_at: z.string().transform((text) => new Date(text)),
    }),
  ),
});

/**
 * Runs that go on and may hold a state since then: a later one can't.
 *
 * @param repository - `owner/name`, also with their ids.
 * @throws GitHubSilent when GitHub does not answer, or refuses: it shows a private repository to those alone who have a token for it.
 */
export async function runsAtWork(
  repository: string,
  since: Date,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunAtWork[]> {
  const { GITHUB_API_URL: api = 'https://api.github.com', GH_TOKEN, GITHUB_TOKEN: token = GH_TOKEN } = env;
  const url = `${api}/repos/${withoutIds(repository)}/actions/runs?status=in_progress&per_page=100`;
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/vnd.github+json', ...(token && { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(DEADLINE),
    });
    status = response.status;
    body = await response.json();
  } catch (cause) {
    throw new GitHubSilent(`GitHub does not say which runs go on: ${(cause as Error).message}`, { cause });
  }
  const parsed = answer.safeParse(body);
  if (status !== 200 || !parsed.success) {
    throw new GitHubSilent(
      `GitHub does not say which runs go on (${status})${token ? '' : '. In the environment, GITHUB_TOKEN="$(gh auth token)" may help'}`,
    );
  }
  return parsed.data.workflow_runs
    .filter(({ path, run_started_at }) => HOLDER.test(path) && run_started_at <= since)
    .map(({ id, display_title: title, html_url, run_started_at }) => ({
      id,
      title,
      url: html_url,
      since: run_started_at,
    }));
}
