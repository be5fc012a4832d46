import { z } from 'zod';
import { askRepository, gitHubOf } from './github';

/** A run of a workflow that goes on. */
export interface RunAtWork {
  readonly id: number;
  readonly title: string;
  readonly url: string;
  readonly since: Date;
}

/** The workflow whose runs hold a state: a plan takes no lock. */
const HOLDER = /^\.github\/workflows\/deploy-tenants\.ya?ml/;

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
  const query = { status: 'in_progress', per_page: '100' };
  const { workflow_runs: runs } = await askRepository(
    gitHubOf(env),
    repository,
    '/actions/runs',
    query,
    answer,
    'which runs go on',
  );
  return runs
    .filter(({ path, run_started_at }) => HOLDER.test(path) && run_started_at <= since)
    .map(({ id, display_title: title, html_url, run_started_at }) => ({
      id,
      title,
      url: html_url,
      since: run_started_at,
    }));
}
