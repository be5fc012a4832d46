import type { z } from 'zod';
import { ExplainedError } from '../text/explained-error';

/** Thrown when GitHub does not answer, or refuses to. */
export class GitHubSilent extends ExplainedError {
  override readonly name = 'GitHubSilent';
}

const DEADLINE = 20_000;

/**
 * Asks GitHub about the repository of this run.
 *
 * @param path - below that of the repository, as its documentation has it.
 * @param what - for people, after "GitHub did not say".
 * @throws GitHubSilent when there is no answer, or one that is not as `schema` says.
 */
export async function askGitHub<Answer>(
  path: string,
  query: Readonly<Record<string, string>>,
  schema: z.ZodType<Answer>,
  what: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Answer> {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env;
  if (!api || !repository || !token) {
    throw new GitHubSilent(
      'GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN say where to ask, and one of them is missing',
    );
  }
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(`${api}/repos/${repository}${path}?${new URLSearchParams(query)}`, {
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(DEADLINE),
    });
    status = response.status;
    body = await response.json();
  } catch (cause) {
    throw new GitHubSilent(`GitHub did not say ${what}: ${(cause as Error).message}`, { cause });
  }
  if (status === 403 || status === 404) {
    throw new GitHubSilent(
      `GitHub refuses to say ${what} (${status}): the job needs "actions: read" and "contents: read"`,
    );
  }
  const parsed = schema.safeParse(body);
  if (status !== 200 || !parsed.success) throw new GitHubSilent(`GitHub did not say ${what} (${status})`);
  return parsed.data;
}
