import { z } from 'zod';
import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { builtImages, deployerRole, operatorImage, plannerRole, pushRole, roleArn } from '../stacks/wanted-roles';
import { checked, NOT_MADE_BY_ANYBODY, REVIEWED, ruleFindings } from './branch-rules';
import type { GitHubReader } from './github-reader';
import type { Finding, Step } from './step';

export interface GitHubSystem {
  readonly platform: Platform;
  readonly github: GitHubReader;
  readonly now: Date;
  /** Whether the platform is that of `npm start`, which nobody at GitHub knows. */
  readonly local: boolean;
}

/** In which the App's key lies, in every repository that has it: publish-image.yml says so. */
const KEY_ENVIRONMENT = 'dispatch';
const KEY = 'TENANTRY_APP_PRIVATE_KEY';
const CLIENT_ID = 'TENANTRY_APP_CLIENT_ID';
/** Of the App that shows deployments in the application repositories, which need not be. */
const DEPLOYMENTS_CLIENT_ID = 'TENANTRY_DEPLOYMENTS_APP_CLIENT_ID';
const DEPLOYMENTS_KEY = 'TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY';

/** From this day on repositories are made whose tokens carry ids. */
const WITH_IDS = new Date('2026-07-15T00:00:00Z');

/** GitHub disables schedules in a public repository after so many days without a commit. */
const DISABLED_AFTER = 60;
const WARNED_AFTER = 45;
const DAY = 24 * 60 * 60_000;

/** That must be active, those too that others call. */
const WORKFLOWS = [
  'ci.yml',
  'deploy-environment.yml',
  'deploy-tenants.yml',
  'publish-image.yml',
  'release-operator.yml',
  'review.yml',
];

const ON_THIS_MACHINE = 'the local platform has no repository at GitHub';
const atGitHub = ({ local }: GitHubSystem) => (local ? ON_THIS_MACHINE : undefined);
const page = (path: string) => (system: GitHubSystem) => `https://github.com/${own(system)}${path}`;
const own = ({ platform }: GitHubSystem) => withoutIds(platform.github);

export const GITHUB: readonly Step<GitHubSystem>[] = [
  {
    name: 'Repository',
    how: () => '"github" and "branch" in the platform file',
    notHere: atGitHub,
    async *ask({ platform, github }) {
      const { default_branch: branch } = await github.repository(platform.github);
      if (branch !== platform.branch) {
        yield { flaw: `its default branch is ${branch}, and the platform file says ${platform.branch}` };
      }
      yield* subjectFindings(github, platform.github);
    },
  },
  {
    name: 'App',
    how: (system) => `https://github.com/organizations/${own(system).split('/')[0]}/settings/installations`,
    notHere: atGitHub,
    ask: appFindings,
  },
  {
    name: "Environment of the App's key",
    how: page('/settings/environments'),
    notHere: atGitHub,
    ask: ({ platform, github }) => keyFindings(github, platform.github, platform.branch),
  },
  {
    name: 'Environment of deploys',
    how: page('/settings/environments'),
    notHere: (system) =>
      atGitHub(system) ??
      (system.platform.environment === undefined ? 'the platform file names no "environment"' : undefined),
    ask: ({ platform: { branch, environment = '', github: repository }, github }) =>
      environmentFindings(github, repository, environment, branch),
  },
  {
    name: 'Variables and secrets',
    how: page('/settings/variables/actions'),
    notHere: atGitHub,
    ask: valueFindings,
  },
  {
    name: 'Rules of the default branch',
    how: page('/settings/rules'),
    notHere: atGitHub,
    ask: ({ platform: { branch, environment, github: repository }, github }) =>
      ruleFindings(github, repository, branch, [REVIEWED, checked(...planChecks(environment)), checked('test')]),
  },
  {
    name: 'Rules of releases',
    how: page('/settings/rules'),
    notHere: atGitHub,
    // GitHub tells the rules of a branch that is not there, too.
    ask: ({ platform: { github: repository }, github }) =>
      ruleFindings(github, repository, 'releases/of-any-name', [NOT_MADE_BY_ANYBODY, REVIEWED]),
  },
  {
    name: 'Application repositories',
    how: () => 'examples/app-repo/README.md, "Workflows"',
    notHere: atGitHub,
    ask: applicationFindings,
  },
  {
    name: 'Workflows',
    how: page('/actions'),
    notHere: atGitHub,
    async *ask({ platform, github }) {
      const workflows = await github.list(
        platform.github,
        '/actions/workflows',
        'workflows',
        z.object({ path: z.string(), state: z.string() }),
        'which workflows run',
      );
      for (const file of WORKFLOWS) {
        const state = workflows.find(({ path }) => path === `.github/workflows/${file}`)?.state;
        if (state === 'active') continue;
        const inactive = state === 'disabled_inactivity' ? ', after 60 days without a commit' : '';
        const enable = `gh workflow enable ${file} --repo ${withoutIds(platform.github)}`;
        yield {
          flaw:
            state === undefined ? `${file} is not on the default branch` : `${file} is ${state}${inactive}: ${enable}`,
        };
      }
    },
  },
  {
    name: 'Schedule',
    how: () => 'any commit on the default branch begins the 60 days again',
    notHere: atGitHub,
    ask: scheduleFindings,
  },
];

/** What `sub` in the tokens of a repository's jobs is, is what the roles in AWS trust. */
async function* subjectFindings(github: GitHubReader, repository: string): AsyncGenerator<Finding> {
  const { id, owner, created_at: made } = await github.repository(repository);
  const [ownerName, name] = withoutIds(repository).split('/');
  const full = `${ownerName}@${owner.id}/${name}@${id}`;
  if (repository !== full && (made >= WITH_IDS || repository.includes('@'))) {
    yield {
      flaw: `the tokens of ${withoutIds(repository)} carry ids: write ${full} in the platform file, and deploy the registry stack`,
    };
  }
  const customised = await github.of(
    repository,
    '/actions/oidc/customization/sub',
    z.object({ use_default: z.boolean() }),
    `what the tokens of ${withoutIds(repository)} have as subject`,
  );
  if (!customised.use_default) {
    yield {
      flaw: `the subject of the tokens of ${withoutIds(repository)} was customised: AWS trusts GitHub's default`,
    };
  }
}

/** Only an owner of the organisation sees what an App may do. */
async function* appFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const id = (await github.variables(platform.github)).get(CLIENT_ID);
  if (!id) {
    yield { flaw: `there is no variable ${CLIENT_ID}, which would say which App it is` };
    return;
  }
  const [owner = ''] = withoutIds(platform.github).split('/');
  const { installations } = await github.about(
    `/orgs/${owner}/installations`,
    z.object({
      installations: z.array(
        z.object({
          client_id: z.string().optional(),
          repository_selection: z.string(),
          permissions: z.record(z.string(), z.string()),
        }),
      ),
    }),
    `which Apps ${owner} has installed, which it tells an owner alone`,
  );
  const app = installations.find(({ client_id: one }) => one === id);
  if (!app) {
    yield { flaw: `no App with the client id ${id} is installed` };
    return;
  }
  const { metadata: _, ...permissions } = app.permissions;
  if (permissions.contents !== 'write') yield { flaw: 'the App may not dispatch: it needs "Contents: read and write"' };
  const more = Object.keys(permissions).filter((one) => one !== 'contents');
  if (more.length > 0) yield { flaw: `the App may do more than to dispatch: ${more.join(', ')}` };
  if (app.repository_selection !== 'selected') {
    yield { flaw: 'the App is installed on every repository; it needs this one alone' };
  }
}

/** Whoever has the key may write to this repository: so no branch but the one that was reviewed gets it. */
async function* keyFindings(github: GitHubReader, repository: string, branch: string): AsyncGenerator<Finding> {
  yield* environmentFindings(github, repository, KEY_ENVIRONMENT, branch);
  const name = withoutIds(repository);
  if (await github.environment(repository, KEY_ENVIRONMENT)) {
    const set = `gh secret set ${KEY} --env ${KEY_ENVIRONMENT} --repo ${name} < key.pem`;
    const secrets = await github.environmentSecrets(repository, KEY_ENVIRONMENT);
    if (!secrets.has(KEY)) yield { flaw: `${KEY_ENVIRONMENT} of ${name} has no secret ${KEY}: ${set}` };
  }
  if ((await github.secrets(repository)).has(KEY)) {
    yield {
      flaw: `every branch of ${name} gets the secret ${KEY}: delete it, and make a new key: gh secret delete ${KEY} --repo ${name}`,
    };
  }
}

async function* environmentFindings(
  github: GitHubReader,
  repository: string,
  environment: string,
  branch: string,
): AsyncGenerator<Finding> {
  const found = await github.environment(repository, environment);
  const name = `${environment} of ${withoutIds(repository)}`;
  if (!found) {
    yield { flaw: `there is no environment ${name}` };
    return;
  }
  const { refs, waits } = found;
  if (refs === undefined) yield { flaw: `any branch may use the environment ${name}: limit it to ${branch}` };
  else if (refs.length !== 1 || refs[0]?.name !== branch || refs[0].type !== 'branch') {
    yield {
      flaw: `the environment ${name} is for ${refs.map((one) => `${one.type} ${one.name}`).join(', ') || 'no branch'}, and should be for ${branch} alone`,
    };
  }
  if (waits.length > 0)
    yield { flaw: `runs wait in the environment ${name} (${waits.join(', ')}), and hold up others` };
}

/** What `review` calls its plan, where the platform is alone and where it is one of several environments. */
function planChecks(environment: string | undefined): [string, ...string[]] {
  return ['plan', ...(environment === undefined ? [] : [`plan (${environment})`])];
}

/** What the workflows of this repository read. What a GitHub environment has goes before what the repository has, for the deploy alone. */
async function* valueFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const { environment, github: repository, registry } = platform;
  const shared = await github.variables(repository);
  const there = environment !== undefined && (await github.environment(repository, environment)) !== undefined;
  const deploys = there
    ? new Map([...shared, ...(await github.environmentVariables(repository, environment))])
    : shared;
  const push = roleArn(platform, pushRole(platform, operatorImage(platform)).name);
  yield* plannerFindings(shared, platform);
  yield* variableFindings(shared, repository, {
    TENANTRY_PUSH_OPERATOR_ROLE: registry.shared ? undefined : push,
    [CLIENT_ID]: undefined,
  });
  const wanted = {
    AWS_REGION: registry.region,
    TENANTRY_DEPLOYER_ROLE: roleArn(platform, deployerRole(platform).name),
  };
  yield* variableFindings(deploys, repository, wanted, there ? environment : undefined);
  const secrets = async () => {
    const its = there ? await github.environmentSecrets(repository, environment) : [];
    return new Set([...(await github.secrets(repository)), ...its]);
  };
  if (deploys.get('TENANTRY_SLACK') === 'true' && !(await secrets()).has('TENANTRY_SLACK_WEBHOOK')) {
    yield { flaw: 'TENANTRY_SLACK is true, and there is no secret TENANTRY_SLACK_WEBHOOK' };
  }
  if (deploys.get(DEPLOYMENTS_CLIENT_ID) && !(await secrets()).has(DEPLOYMENTS_KEY)) {
    yield { flaw: `there is ${DEPLOYMENTS_CLIENT_ID}, and no secret ${DEPLOYMENTS_KEY}` };
  }
}

/** `review` runs in no GitHub environment, so each has a variable of its own where there are several: docs/environments.md. */
async function* plannerFindings(found: ReadonlyMap<string, string>, platform: Platform): AsyncGenerator<Finding> {
  const { environment, github: repository } = platform;
  const alone = 'TENANTRY_PLANNER_ROLE';
  const own = environment && `${alone}_${environment.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
  const role = roleArn(platform, plannerRole(platform).name);
  if (own && !found.has(own) && !found.has(alone)) {
    const set = `gh variable set ${own} --repo ${withoutIds(repository)} --body ${role}`;
    yield {
      flaw: `${withoutIds(repository)} has no variable ${own}, nor ${alone}; it is the one that review.yml reads: ${set}`,
    };
    return;
  }
  yield* variableFindings(found, repository, { [own && found.has(own) ? own : alone]: role });
}

async function* variableFindings(
  found: ReadonlyMap<string, string>,
  repository: string,
  /** Undefined for one of which only its being there can be told. */
  wanted: Readonly<Record<string, string | undefined>>,
  /** The GitHub environment that they are set in; undefined for the repository. */
  environment?: string,
): AsyncGenerator<Finding> {
  const where = `${environment === undefined ? '' : `--env ${environment} `}--repo ${withoutIds(repository)}`;
  for (const [name, value] of Object.entries(wanted)) {
    const actual = found.get(name);
    const set = `gh variable set ${name} ${where} --body ${value ?? '...'}`;
    if (actual === undefined) yield { flaw: `${withoutIds(repository)} has no variable ${name}: ${set}` };
    else if (value !== undefined && actual !== value) {
      yield { flaw: `${name} of ${withoutIds(repository)} is ${actual}: ${set}` };
    }
  }
}

async function* applicationFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const images = builtImages(platform);
  const own = withoutIds(platform.github);
  const repositories = [...new Set(images.map((image) => image.github))].filter((one) => withoutIds(one) !== own);
  for (const repository of repositories) {
    try {
      yield* subjectFindings(github, repository);
      yield* keyFindings(github, repository, platform.branch);
      const built = images.filter((image) => image.github === repository);
      const [only, ...others] = built.map((image) => roleArn(platform, pushRole(platform, image).name));
      yield* variableFindings(await github.variables(repository), repository, {
        AWS_REGION: platform.registry.region,
        // One that builds several has a variable for each, by names of its own.
        ...(others.length === 0 && { TENANTRY_PUSH_ROLE: platform.registry.shared ? undefined : only }),
        [CLIENT_ID]: undefined,
      });
    } catch (error) {
      yield { unknown: (error as Error).message };
    }
  }
  if (!(await github.repository(platform.github)).private) return;
  const { access_level: access } = await github.of(
    platform.github,
    '/actions/permissions/access',
    z.object({ access_level: z.string() }),
    `who may use the workflows of ${own}`,
  );
  if (access === 'none') {
    yield {
      flaw: `${own} is private, and lets nobody use its workflows: https://github.com/${own}/settings/actions, "Access"`,
    };
  }
}

/**
 * A schedule that is disabled takes the dispatches of its workflow with it.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/disable-and-enable-workflows
 */
async function* scheduleFindings({ platform, github, now }: GitHubSystem): AsyncGenerator<Finding> {
  const { private: hidden } = await github.repository(platform.github);
  if (hidden) return;
  const path = `/commits/${encodeURIComponent(platform.branch)}`;
  const commitAnswer = z.object({ commit: z.object({ committer: z.object({ date: z.coerce.date() }) }) });
  const { commit } = await github.of(platform.github, path, commitAnswer, 'when the last commit was made');
  const days = Math.floor((now.getTime() - commit.committer.date.getTime()) / DAY);
  if (days < WARNED_AFTER) return;
  const left = DISABLED_AFTER - days;
  yield {
    flaw: `the last commit is ${days} days old. GitHub disables the schedule of a public repository after ${DISABLED_AFTER}, and with it the dispatches of deploy-tenants: ${left > 0 ? `in ${left} days` : 'any moment now'}`,
  };
}
