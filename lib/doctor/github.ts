import { z } from 'zod';
import { withoutIds } from '../config/without-ids';
import { appFindings } from './app';
import { applicationFindings } from './application-repositories';
import {
  checked,
  NEVER_REWRITTEN,
  NOT_DELETED,
  NOT_MADE_BY_ANYBODY,
  REVIEWED,
  REVIEWED_TO_THE_END,
  ruleFindings,
} from './branch-rules';
import { environmentFindings, keyFindings } from './environments';
import type { GitHubSystem } from './github-reader';
import type { Finding, Step } from './step';
import { subjectFindings } from './tokens';
import { valueFindings } from './variables';

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
      ruleFindings(github, repository, branch, [
        NEVER_REWRITTEN,
        REVIEWED,
        ...REVIEWED_TO_THE_END,
        checked(...planChecks(environment)),
        checked('test'),
      ]),
  },
  {
    name: 'Rules of releases',
    how: page('/settings/rules'),
    notHere: atGitHub,
    // GitHub tells the rules of a branch that is not there, too.
    ask: ({ platform: { github: repository }, github }) =>
      ruleFindings(github, repository, 'releases/of-any-name', [
        NOT_MADE_BY_ANYBODY,
        REVIEWED,
        NOT_DELETED,
        NEVER_REWRITTEN,
      ]),
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

/** What `review` calls its plan, where the platform is alone and where it is one of several environments. */
function planChecks(environment: string | undefined): [string, ...string[]] {
  return ['plan', ...(environment === undefined ? [] : [`plan (${environment})`])];
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
