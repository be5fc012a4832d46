import { z } from 'zod';
import type { GitHubReader } from './github-reader';
import type { Finding } from './step';

const ruleAnswer = z.object({
  type: z.string(),
  ruleset_id: z.number(),
  parameters: z
    .object({
      required_approving_review_count: z.number().optional(),
      dismiss_stale_reviews_on_push: z.boolean().optional(),
      require_last_push_approval: z.boolean().optional(),
      required_status_checks: z.array(z.object({ context: z.string() })).optional(),
    })
    .optional(),
});
type Rule = z.infer<typeof ruleAnswer>;

const actorAnswer = z.object({ actor_type: z.string(), actor_id: z.number().nullish() });
type Actor = z.infer<typeof actorAnswer>;

const rulesetAnswer = z.object({
  name: z.string(),
  // GitHub leaves it out for whoever may not write the ruleset.
  bypass_actors: z.array(actorAnswer).optional(),
});

/** Who may go around a rule and is a person, or some. An App, whose key may lie anywhere, and a deploy key are none. */
const PEOPLE = new Set(['EnterpriseOwner', 'OrganizationAdmin', 'RepositoryRole', 'Team', 'User']);

/**
 * The roles that some people have, maintain and admin. Every other that may stand on a bypass list is write (4), or one of the organisation's own that is based on
 * it: that of whoever pushes at all. https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository#granting-bypass-permissions-for-your-branch-or-tag-ruleset,
 * the numbers: https://registry.terraform.io/providers/integrations/github/latest/docs/resources/repository_ruleset#bypass_actors
 */
const ROLES_OF_SOME = new Set<unknown>([2, 5]);
const WRITE = 4;

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

const unlessRestricted =
  (parameter: 'dismiss_stale_reviews_on_push' | 'require_last_push_approval'): WantedRule['keeps'] =>
  ({ type, parameters }) =>
    type === 'update' || (type === 'pull_request' && parameters?.[parameter] === true);

/** And is what was reviewed, to the last push. */
export const REVIEWED_TO_THE_END: readonly WantedRule[] = [
  {
    what: 'dismisses a review when more is pushed ("dismiss_stale_reviews_on_push")',
    keeps: unlessRestricted('dismiss_stale_reviews_on_push'),
  },
  {
    what: 'has the last push approved by somebody else than who pushed it ("require_last_push_approval")',
    keeps: unlessRestricted('require_last_push_approval'),
  },
];

export const NEVER_REWRITTEN: WantedRule = {
  what: 'keeps its commits from being replaced by force ("non_fast_forward")',
  keeps: ({ type }) => type === 'non_fast_forward',
};

export const NOT_DELETED: WantedRule = {
  what: 'keeps such branches from being deleted ("deletion")',
  keeps: ({ type }) => type === 'deletion',
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
 * Which of the rules a branch lacks, or which an App, or everybody, may go around. Rulesets alone: GitHub says of them what holds for a branch that is not there
 * yet, and to whoever may read. https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
 */
export async function* ruleFindings(
  github: GitHubReader,
  repository: string,
  branch: string,
  wanted: readonly WantedRule[],
): AsyncGenerator<Finding> {
  const path = `/rules/branches/${encodeURIComponent(branch)}`;
  const rules = await github.bareList(repository, path, ruleAnswer, `which rules hold for ${branch}`);
  for (const { what, keeps } of wanted) {
    const kept = rules.filter(keeps);
    if (kept.length === 0) {
      yield { flaw: `on ${branch}, no active ruleset ${what}: add it by the command in docs/set-up.md` };
      continue;
    }
    const around = await Promise.all(kept.map(({ ruleset_id: id }) => whoGoesAround(github, repository, id)));
    if (around.some((one) => one.others === 'nobody')) continue;
    const hidden = around.find((one) => one.others === 'hidden');
    const [first] = around;
    yield hidden
      ? {
          unknown: `who may go around the ruleset "${hidden.name}" GitHub tells administrators of the repository alone`,
        }
      : {
          flaw: `on ${branch}, what ${what} may be gone around by ${first?.others}: take them off the "Bypass list" of the ruleset "${first?.name}"`,
        };
  }
}

async function whoGoesAround(github: GitHubReader, repository: string, id: number) {
  const { name, bypass_actors: actors } = await github.of(
    repository,
    `/rulesets/${id}`,
    rulesetAnswer,
    `who may go around the ruleset ${id}`,
  );
  return { name, others: actors === undefined ? 'hidden' : (actors.flatMap(tooMany)[0] ?? 'nobody') };
}

/** Who an actor is that must not go around a rule, in words; in whichever mode: in a pull request nobody else need have seen what is merged. */
function tooMany({ actor_type: type, actor_id: id }: Actor): string[] {
  if (!PEOPLE.has(type)) return ['an App or a deploy key'];
  if (type !== 'RepositoryRole' || ROLES_OF_SOME.has(id)) return [];
  return [
    id === WRITE
      ? 'everybody with write access (the role "write")'
      : `whoever has a role below "maintain" (the role ${id ?? 'without a number'})`,
  ];
}
