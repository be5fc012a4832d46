import type { z } from 'zod';
import { withoutIds } from '../config/without-ids';
import { ExplainedError } from '../text/explained-error';

/** Thrown when GitHub does not answer, or refuses to. */
export class GitHubSilent extends ExplainedError {
  override readonly name = 'GitHubSilent';

  /** @param status - of its answer; undefined where there was none. */
  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Where GitHub is asked, and as whom. */
export interface GitHub {
  readonly api: string;
  readonly token?: string;
  /** What may be missing where it refuses, for people. */
  readonly needs: string;
}

const DEADLINE = 20_000;

/** What a token is made of. */
const TOKEN = /^[\x21-\x7e]+$/;

/** As whoever has this environment, be it nobody: GitHub shows much of a public repository to all. */
export function gitHubOf({ GITHUB_API_URL, GH_TOKEN, GITHUB_TOKEN }: NodeJS.ProcessEnv = process.env): GitHub {
  const token = (GITHUB_TOKEN || GH_TOKEN)?.trim();
  return {
    api: GITHUB_API_URL || 'https://api.github.com',
    ...(token
      ? { token, needs: 'there is none of that name, or this token may not see it' }
      : { needs: 'in the environment, GITHUB_TOKEN="$(gh auth token)" may help' }),
  };
}

/**
 * Asks GitHub about a repository.
 *
 * @param repository - `owner/name`, also with their ids.
 * @param path - below that of the repository, as its documentation has it.
 * @param what - for people, after "GitHub did not say".
 * @throws GitHubSilent when there is no answer, or one that is not as `schema` says.
 */
export function askRepository<Answer>(
  github: GitHub,
  repository: string,
  path: string,
  query: Readonly<Record<string, string>>,
  schema: z.ZodType<Answer>,
  what: string,
): Promise<Answer> {
  return ask(github, `/repos/${withoutIds(repository)}${path}`, query, schema, what);
}

/**
 * Asks GitHub about the repository of this run, with the token of the job.
 *
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
  const needs = 'the job needs "actions: read" and "contents: read"';
  return askRepository({ api, token, needs }, repository, path, query, schema, what);
}

/** The same, about anything that GitHub has. */
export async function ask<Answer>(
  { api, token, needs }: GitHub,
  path: string,
  query: Readonly<Record<string, string>>,
  schema: z.ZodType<Answer>,
  what: string,
): Promise<Answer> {
  // fetch would say it, and so would a log.
  if (token !== undefined && !TOKEN.test(token)) {
    throw new GitHubSilent(
      `GitHub did not say ${what}: the token that was given holds a space, a line break or another character that no token has`,
    );
  }
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${api}${path}?${new URLSearchParams(query)}`, {
      headers: { accept: 'application/vnd.github+json', ...(token && { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(DEADLINE),
    });
    body = await response.json();
  } catch (cause) {
    // "fetch failed" alone says nothing.
    const { message, cause: why } = cause as Error & { readonly cause?: { readonly code?: string } };
    const code = why?.code === undefined ? '' : ` (${why.code})`;
    throw new GitHubSilent(`GitHub did not say ${what}, asked at ${api}: ${message}${code}`, undefined, { cause });
  }
  const { status, headers } = response;
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
  const tooOften = status === 429 || headers.get('x-ratelimit-remaining') === '0' || headers.has('retry-after');
  if (status !== 200 && tooOften) {
    throw new GitHubSilent(
      `GitHub did not say ${what} (${status}): it was asked too often. Ask again in an hour`,
      status,
    );
  }
  if (status === 401 && token !== undefined) {
    throw new GitHubSilent(
      `GitHub did not say ${what} (401): the token is wrong or has expired. It comes from GITHUB_TOKEN, else from GH_TOKEN`,
      status,
    );
  }
  if (status === 401 || status === 403 || status === 404) {
    throw new GitHubSilent(`GitHub refuses to say ${what} (${status}): ${needs}`, status);
  }
  const parsed = schema.safeParse(body);
  if (status !== 200 || !parsed.success) throw new GitHubSilent(`GitHub did not say ${what} (${status})`, status);
  return parsed.data;
}
