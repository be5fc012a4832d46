import { z } from 'zod';
import type { GitHubReader } from './github-reader';
import type { Finding } from './step';

const rulesAnswer = z.array(
  z.object({
    type: z.string(),
    ruleset_id: z.number(),
    parameters: z
      .object({
        required_approving_review_count: z.number().optional(),
        required_status_checks: z.array(z.object({ context: z.string() })).optional(),
      })
      .optional(),
  }),
);
type Rule = z.infer<typeof rulesAnswer>[number];

const rulesetAnswer = z.object({
  name: z.string(),
  // GitHub leaves it out for whoever may not write the ruleset.
  bypass_actors: z.array(z.object({ actor_type: z.string() })).optional(),
});

/** Who may go around a rule and is a person, or some. An App, whose key may lie anywhere, and a deploy key are none. */
const PEOPLE = new Set(['OrganizationAdmin', 'RepositoryRole', 'Team', 'User']);

/** What must hold of a branch. */
export interface WantedRule {
  /** For people, after "nothing". */
  readonly what: string;
  readonly keeps: (rule: Rule) => boolean;
}

/** Whoever pushes is a person that the ruleset names, or what is pushed was reviewed. */
export const REVIEWED: WantedRule = {
  what: 'keeps what nobody reviewed from being pushed',
  keeps: ({ type, parameters }) =>
    type === 'update' || (type === 'pull_request' && (parameters?.required_approving_review_count ?? 0) > 0),
};

export const NOT_MADE_BY_ANYBODY: WantedRule = {
  what: 'keeps such branches from being made',
  keeps: ({ type }) => type === 'creation',
};

/** By any of its names; the last is what it is called in messages. */
export function checked(...names: readonly [string, ...string[]]): WantedRule {
  return {
    what: `asks for the check "${names.at(-1)}"`,
    keeps: ({ type, parameters }) =>
      type === 'required_status_checks' &&
      (parameters?.required_status_checks ?? []).some(({ context }) => names.includes(context)),
  };
}

/**
 * Which of the rules a branch lacks, or an App may go around. Rulesets alone: GitHub says of them what holds for a branch that is not there yet, and to
 * whoever may read. https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
 */
export async function* ruleFindings(
  github: GitHubReader,
  repository: string,
  branch: string,
  wanted: readonly WantedRule[],
): AsyncGenerator<Finding> {
  const path = `/rules/branches/${encodeURIComponent(branch)}`;
  const rules = await github.of(repository, path, rulesAnswer, `which rules hold for ${branch}`);
  for (const { what, keeps } of wanted) {
    const kept = rules.filter(keeps);
    if (kept.length === 0) {
      yield { flaw: `on ${branch}, no active ruleset ${what}` };
      continue;
    }
    const around = await Promise.all(kept.map(({ ruleset_id: id }) => whoGoesAround(github, repository, id)));
    if (around.some((one) => one.others === 'none')) continue;
    const hidden = around.find((one) => one.others === 'hidden');
    yield hidden
      ? {
          unknown: `who may go around the ruleset "${hidden.name}" GitHub tells administrators of the repository alone`,
        }
      : { flaw: `on ${branch}, what ${what} may be gone around by an App or a deploy key: "${around[0]?.name}"` };
  }
}

async function whoGoesAround(github: GitHubReader, repository: string, id: number) {
  const { name, bypass_actors: actors } = await github.of(
    repository,
    `/rulesets/${id}`,
    rulesetAnswer,
    `who may go around the ruleset ${id}`,
  );
  if (actors === undefined) return { name, others: 'hidden' };
  return { name, others: actors.every(({ actor_type: type }) => PEOPLE.has(type)) ? 'none' : 'some' };
}
