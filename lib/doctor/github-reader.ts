import { z } from 'zod';
import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { ask, askRepository, type GitHub, GitHubSilent } from '../run-report/github';

export interface GitHubSystem {
  readonly platform: Platform;
  readonly github: GitHubReader;
  readonly now: Date;
  /** Whether the platform is that of `npm start`, which nobody at GitHub knows. */
  readonly local: boolean;
}

/** GitHub gives 10, 30 or 100 of a list at once, as it likes; that many pages are more than any list here has. */
const PAGES = 50;

const repositoryAnswer = z.object({
  id: z.number(),
  owner: z.object({ id: z.number(), type: z.string() }),
  private: z.boolean(),
  default_branch: z.string(),
  created_at: z.coerce.date(),
});
export type Repository = z.infer<typeof repositoryAnswer>;

const environmentAnswer = z.object({
  deployment_branch_policy: z.object({ custom_branch_policies: z.boolean() }).nullish(),
  protection_rules: z.array(z.object({ type: z.string() })).default([]),
});
const ref = z.object({ name: z.string(), type: z.string().default('branch') });
const secret = z.object({ name: z.string() });
const variable = z.object({ name: z.string(), value: z.string() });

/** A GitHub environment: who gets its secrets. */
export interface Environment {
  /** Patterns of the branches and tags that may use it; undefined where any may. */
  readonly refs?: readonly { readonly name: string; readonly type: string }[];
  /** What a run waits for: reviewers, a time, another service. */
  readonly waits: readonly string[];
}

/** What GitHub says of repositories. Each thing is asked for once, however many steps want to know. */
export class GitHubReader {
  private readonly answers = new Map<string, Promise<unknown>>();

  constructor(private readonly github: GitHub) {}

  /** @throws GitHubSilent, as all of these do, where it can't be told. */
  repository(repository: string): Promise<Repository> {
    return this.of(repository, '', repositoryAnswer, `what ${withoutIds(repository)} is`);
  }

  /** Undefined where there is none of that name. */
  async environment(repository: string, name: string): Promise<Environment | undefined> {
    const path = `/environments/${encodeURIComponent(name)}`;
    // Or what is said of the environment could be said of the repository: GitHub calls missing what it does not show.
    await this.repository(repository);
    const what = `who may use the environment ${name} of ${withoutIds(repository)}`;
    const found = await unlessMissing(this.of(repository, path, environmentAnswer, what));
    if (found === undefined) return undefined;
    const { deployment_branch_policy: policy, protection_rules: rules } = found;
    const waits = rules.map(({ type }) => type).filter((type) => type !== 'branch_policy');
    if (!policy) return { waits };
    // "Protected branches only" are all that some rule protects, and so the releases too.
    if (!policy.custom_branch_policies) return { refs: [{ name: 'every protected branch', type: 'branch' }], waits };
    return {
      refs: await this.list(repository, `${path}/deployment-branch-policies`, 'branch_policies', ref, what),
      waits,
    };
  }

  async environmentSecrets(repository: string, environment: string): Promise<ReadonlySet<string>> {
    const path = `/environments/${encodeURIComponent(environment)}/secrets`;
    const what = `which secrets the environment ${environment} of ${withoutIds(repository)} has`;
    return new Set((await this.list(repository, path, 'secrets', secret, what)).map(({ name }) => name));
  }

  async environmentVariables(repository: string, environment: string): Promise<ReadonlyMap<string, string>> {
    const path = `/environments/${encodeURIComponent(environment)}/variables`;
    const what = `which variables the environment ${environment} of ${withoutIds(repository)} has`;
    const found = await this.list(repository, path, 'variables', variable, what);
    return new Map(found.map(({ name, value }) => [name, value]));
  }

  /** Names of the secrets that every branch's workflows get: those of the repository, and of its organisation. */
  async secrets(repository: string): Promise<ReadonlySet<string>> {
    const found = await this.alsoOfOrganisation(repository, 'secrets', secret);
    return new Set(found.map(({ name }) => name));
  }

  /** Values by name; one of the repository goes before one of its organisation. */
  async variables(repository: string): Promise<ReadonlyMap<string, string>> {
    const found = await this.alsoOfOrganisation(repository, 'variables', variable);
    return new Map(found.map(({ name, value }) => [name, value]));
  }

  /** The repository of a person has no organisation. */
  private async alsoOfOrganisation<Item>(repository: string, key: string, item: z.ZodType<Item>): Promise<Item[]> {
    const what = `which ${key} ${withoutIds(repository)} has`;
    const [shared, its] = await Promise.all([
      unlessMissing(this.list(repository, `/actions/organization-${key}`, key, item, what)),
      this.list(repository, `/actions/${key}`, key, item, what),
    ]);
    return [...(shared ?? []), ...its];
  }

  of<Answer>(repository: string, path: string, schema: z.ZodType<Answer>, what: string): Promise<Answer> {
    return this.once(`/repos/${withoutIds(repository)}${path}`, () =>
      askRepository(this.github, repository, path, {}, schema, what),
    );
  }

  /** All of a list that is no repository's. */
  listAbout<Item>(path: string, key: string, item: z.ZodType<Item>, what: string): Promise<Item[]> {
    return this.pages(path, counted(key, item), what);
  }

  /** All of a list. */
  list<Item>(repository: string, path: string, key: string, item: z.ZodType<Item>, what: string): Promise<Item[]> {
    return this.pages(`/repos/${withoutIds(repository)}${path}`, counted(key, item), what);
  }

  /** All of a list that GitHub gives bare, without how many there are: it ends with the first page that is empty. */
  bareList<Item>(repository: string, path: string, item: z.ZodType<Item>, what: string): Promise<Item[]> {
    const answer = z.array(item).transform((some) => ({ some, total: Number.POSITIVE_INFINITY }));
    return this.pages(`/repos/${withoutIds(repository)}${path}`, answer, what);
  }

  private pages<Item>(path: string, answer: z.ZodType<Page<Item>>, what: string): Promise<Item[]> {
    return this.once(path, async () => {
      const items: Item[] = [];
      for (let page = 1; page <= PAGES; page++) {
        const query = { per_page: '100', page: String(page) };
        const { total, some } = await ask(this.github, path, query, answer, what);
        items.push(...some);
        if (some.length === 0 || items.length >= total) return items;
      }
      throw new GitHubSilent(`GitHub did not say ${what} to the end: it has more than ${PAGES} pages of that`);
    });
  }

  private once<Answer>(key: string, question: () => Promise<Answer>): Promise<Answer> {
    const answer = this.answers.get(key) ?? question();
    this.answers.set(key, answer);
    return answer as Promise<Answer>;
  }
}

/** What GitHub gives of a list at once. */
interface Page<Item> {
  readonly some: Item[];
  readonly total: number;
}

function counted<Item>(key: string, item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z
    .object({ total_count: z.number(), [key]: z.array(item) })
    .transform((found) => ({ total: found.total_count as number, some: found[key] as Item[] }));
}

export async function unlessMissing<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GitHubSilent && error.status === 404) return undefined;
    throw error;
  }
}
