import { z } from 'zod';
import { isReplay } from './announcement';
import { askGitHub, GitHubSilent } from './github';

/** One run of the workflow that this is a run of. */
export interface WorkflowRun {
  readonly id: number;
  readonly event: string;
  readonly title: string;
  /** Absent while it goes on. */
  readonly conclusion?: string;
  readonly url: string;
}

const PAGE = 100;
/** A thousand runs: more dispatches than any schedule lets pass. */
const PAGES = 10;

const answer = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.number(),
      event: z.string(),
      display_title: z.string(),
      conclusion: z.string().nullable(),
      html_url: z.string(),
    }),
  ),
});

/**
 * Runs of this workflow on this branch that were made since a moment, the newest first. Those on another branch deployed nothing.
 *
 * @throws GitHubSilent when GitHub does not answer, or refuses.
 */
export async function workflowRuns(since: Date, env: NodeJS.ProcessEnv = process.env): Promise<WorkflowRun[]> {
  const { GITHUB_WORKFLOW_REF: ref, GITHUB_REF_NAME: branch } = env;
  const workflow = ref?.split('@')[0]?.split('/').pop();
  if (!workflow || !branch) {
    throw new GitHubSilent(
      'GITHUB_WORKFLOW_REF and GITHUB_REF_NAME say which runs to ask for, and one of them is missing',
    );
  }
  const path = `/actions/workflows/${encodeURIComponent(workflow)}/runs`;
  const created = `>=${since.toISOString().slice(0, 19)}Z`;
  const runs: WorkflowRun[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const query = { branch, created, per_page: String(PAGE), page: String(page) };
    const { workflow_runs: found } = await askGitHub(path, query, answer, 'which runs there were', env);
    runs.push(
      ...found.map(({ id, event, display_title: title, conclusion, html_url }) => ({
        id,
        event,
        title,
        ...(conclusion !== null && { conclusion }),
        url: html_url,
      })),
    );
    if (found.length < PAGE) break;
  }
  return runs.sort((a, b) => b.id - a.id);
}

/**
 * Runs that were cancelled while they waited: this one, the next that was not, does what they would have done. A replay would not have. Those
 * that were skipped never waited: after a CI that did not pass, say.
 */
export function absorbed(runs: readonly WorkflowRun[], own: number): WorkflowRun[] {
  const older = runs.filter(({ id, conclusion }) => id < own && conclusion !== 'skipped');
  const last = older.findIndex(({ conclusion }) => conclusion !== 'cancelled');
  return (last < 0 ? older : older.slice(0, last)).filter(({ title }) => !isReplay(title));
}
