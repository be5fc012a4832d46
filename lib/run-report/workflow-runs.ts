import { z } from 'zod';
import { ExplainedError } from '../explained-error';
import { isReplay } from './announcement';

/** One run of the workflow that this is a run of. */
export interface WorkflowRun {
  readonly id: number;
  readonly event: string;
  readonly title: string;
  /** Absent while it goes on. */
  readonly conclusion?: string;
  readonly url: string;
}

/** Thrown when GitHub does not say which runs there were. */
export class RunsUnknown extends ExplainedError {
  override readonly name = 'RunsUnknown';
}

const PAGE = 100;
/** A thousand runs: more dispatches than any schedule lets pass. */
const PAGES = 10;
const DEADLINE = 20_000;

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
 * Runs of this workflow that were made since a moment, the newest first.
 *
 * @throws RunsUnknown when GitHub does not answer, or refuses.
 */
export async function workflowRuns(since: Date, env: NodeJS.ProcessEnv = process.env): Promise<WorkflowRun[]> {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_WORKFLOW_REF: ref, GITHUB_TOKEN: token } = env;
  const workflow = ref?.split('@')[0]?.split('/').pop();
  if (!api || !repository || !workflow || !token) {
    throw new RunsUnknown(
      'GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_WORKFLOW_REF and GITHUB_TOKEN say where to ask, and one of them is missing',
    );
  }
  const runs: WorkflowRun[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const url = new URL(`${api}/repos/${repository}/actions/workflows/${encodeURIComponent(workflow)}/runs`);
    url.searchParams.set('created', `>=${since.toISOString().slice(0, 19)}Z`);
    url.searchParams.set('per_page', String(PAGE));
    url.searchParams.set('page', String(page));
    const found = await ask(url, token);
    runs.push(...found);
    if (found.length < PAGE) break;
  }
  return runs.sort((a, b) => b.id - a.id);
}

/** Runs that were cancelled while they waited: this one, the next that was not, does what they would have done. A replay would not have. */
export function absorbed(runs: readonly WorkflowRun[], own: number): WorkflowRun[] {
  const older = runs.filter(({ id }) => id < own);
  const last = older.findIndex(({ conclusion }) => conclusion !== 'cancelled');
  return (last < 0 ? older : older.slice(0, last)).filter(({ title }) => !isReplay(title));
}

async function ask(url: URL, token: string): Promise<WorkflowRun[]> {
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(DEADLINE),
    });
    status = response.status;
    body = await response.json();
  } catch (cause) {
    throw new RunsUnknown(`GitHub did not say which runs there were: ${(cause as Error).message}`, { cause });
  }
  if (status === 403 || status === 404) {
    throw new RunsUnknown(`GitHub refuses to say which runs there were (${status}): the job needs "actions: read"`);
  }
  const parsed = answer.safeParse(body);
  if (status !== 200 || !parsed.success) {
    throw new RunsUnknown(`GitHub did not say which runs there were (${status})`);
  }
  return parsed.data.workflow_runs.map(({ id, event, display_title: title, conclusion, html_url }) => ({
    id,
    event,
    title,
    ...(conclusion !== null && { conclusion }),
    url: html_url,
  }));
}
