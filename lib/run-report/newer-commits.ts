import { z } from 'zod';
import { askGitHub } from './github';

/** A commit of the branch that is newer than the one that a run deployed. */
export interface NewerCommit {
  readonly sha: string;
  readonly subject: string;
  /** How its CI ended; `running` while it goes on. Absent where it has none. */
  readonly ci?: string;
  /** The page of that CI's run. */
  readonly url?: string;
}

/** The CI whose word a deploy waits for, as deploy-tenants.yml asks for it. */
const CI = 'ci.yml';

const sha = z.string().regex(/^[0-9a-f]{40}$/);
const branchAnswer = z.object({ commit: z.object({ sha }) });
const compareAnswer = z.object({
  commits: z.array(z.object({ sha, commit: z.object({ message: z.string() }) })),
});
const runsAnswer = z.object({
  workflow_runs: z.array(
    z.object({
      event: z.string(),
      head_sha: sha,
      head_branch: z.string().nullable(),
      conclusion: z
        .string()
        .regex(/^[a-z_]+$/)
        .nullable(),
      html_url: z.string(),
    }),
  ),
});

/**
 * What stands on the branch of this run and is newer than what it deployed, the newest first. Of the commits of one push CI tests the last, which
 * speaks for the others.
 *
 * @throws GitHubSilent when GitHub does not answer, or refuses.
 */
export async function newerCommits(deployed: string, env: NodeJS.ProcessEnv = process.env): Promise<NewerCommit[]> {
  const what = 'which commits are newer';
  const branch = env.GITHUB_REF_NAME ?? '';
  const { commit: head } = await askGitHub(`/branches/${encodeURIComponent(branch)}`, {}, branchAnswer, what, env);
  if (head.sha === deployed) return [];
  // GitHub lists the oldest first.
  const { commits } = await askGitHub(`/compare/${deployed}...${head.sha}`, {}, compareAnswer, what, env);
  const query = { event: 'push', branch, per_page: '100' };
  const { workflow_runs: runs } = await askGitHub(`/actions/workflows/${CI}/runs`, query, runsAnswer, what, env);
  return commits.reverse().flatMap(({ sha, commit: { message } }): NewerCommit[] => {
    const subject = message.split('\n')[0] ?? '';
    const run = runs.find((one) => one.head_sha === sha && one.event === 'push' && one.head_branch === branch);
    if (run) return [{ sha, subject, ci: run.conclusion ?? 'running', url: run.html_url }];
    return sha === head.sha ? [{ sha, subject }] : [];
  });
}

/** Why a newer commit was not deployed, for people. */
export function whyNot({ ci }: NewerCommit): string {
  switch (ci) {
    case undefined:
      return 'CI has no run for it yet; one that says [skip ci] never gets any';
    case 'running':
      return 'its CI still runs';
    case 'success':
      return 'its CI has passed by now: that started the run that deploys it';
    case 'failure':
      return 'its CI failed';
    default:
      return `its CI ended with ${ci}`;
  }
}
