import { callersOf } from './analysis';
import { deploymentOf } from './deployment';
import type { JobRun, WorkflowRun } from './simulation/workflow-run';
import type { Job, Step, Workflow } from './workflow/workflow';

/** What runs tests and does nothing else. */
const TEST_RUNNER =
  /\b(pytest|jest|vitest|mocha|rspec|phpunit|tox|nox|ctest|bats|ginkgo|gotestsum|behave|unittest|karma|playwright test|cypress run)\b/;
/** "npm run test:unit", "make test", "go test ./...", "docker compose run app test". */
const TEST_TASK =
  /\b(npm|pnpm|yarn|bun|deno|npx|turbo|nx|lerna|rush|make|just|task|rake|bundle|mage|inv|invoke|cargo|go|dotnet|mix|swift|xcodebuild|zig|stack|cabal|bazel|bazelisk|gradlew?|mvnw?|sbt|mill|lein|clojure|composer|php|artisan|flutter|dart|melos|hatch|poetry|uv|pdm|coverage|compose|earthly|dagger|cmake|meson|ninja|dune)\b.*?[\s:/_.+-](\w*tests?|e2e|specs?|tst)(?![\w=])/i;
/** "./scripts/run-tests.sh", "script/ci". */
const TEST_SCRIPT =
  /(^|\s)(bash |sh |python3? |node )?[\w./-]*\b(tests?|e2e|specs?|ci|cibuild)\b[\w-]*(\.(sh|py|[mc]?[jt]s|rb|ps1))?(\s|$)/i;
/** Builds that test on the way, unless they are told not to; "make" alone may do anything. */
const TESTING_BUILD =
  /\b(mvnw?\b.*\s(package|verify|install|deploy)|gradlew?\b.*\s(build|check)|(make|just|task|rake|npm run|pnpm|yarn|bun run)\s+(all|ci|check|checks|verify|validate|quality))\b|^\s*(make|rake|just|tox)\s*$/;
/** Names of what it is about when nothing is deployed or published. */
const TEST_NAME =
  /(^|[^a-z])((unit|e2e|integration|pr|py|go|js)?-?(tests?|specs?)|e2e|ci|continuous integration)([^a-z]|$)/i;
const PERHAPS =
  /(^|[^a-z])(tests?|specs?|testing|ci|e2e|checks?|verify|verification|validate|validation|quality|qa|gate)([^a-z]|$)/i;
/** They look at what is deployed already, or at what others found. */
const OF_SOMETHING_ELSE =
  /smoke|monitor|synthetic|uptime|load|perf|bench|report|results?|summary|coverage|publish|upload|comment|notify|label|stale/i;
/** It asks GitHub how other runs for the commit ended, or waits for them. */
const ASKS =
  /check-?runs?\b|check-?suites?\b|wait-?(on|for)\b|commit-?status|commits\/[^\s]*\/status|\bgh\s+(run\s+(watch|list|view)|pr\s+checks)|actions\/(runs|workflows\/[^\s/]*\/runs)|getCombinedStatusForRef|checks\.listForRef|listWorkflowRuns|listCommitStatuses/i;

/** Does a job surely test the commit? One that deploys does not, whatever it is called, unless it runs tests. */
export function tests(job: Job, workflow: Workflow): boolean {
  if ([job.id, job.name, workflow.name].some((name) => OF_SOMETHING_ELSE.test(name))) return false;
  if (job.steps.some(runsTests)) return true;
  return !deploysBySteps(job, workflow) && [job.id, job.name, calledFile(job)].some((name) => TEST_NAME.test(name));
}

/** Is a workflow called so, whatever its jobs do? */
export function isForTests({ name }: Workflow): boolean {
  return TEST_NAME.test(name) && !OF_SOMETHING_ELSE.test(name) && !/deploy|\bcd\b/i.test(name);
}

/** Is a job sure not to begin before tests of the commit went well? Where nobody can tell, it is. */
export function isTestedFirst(run: WorkflowRun, job: JobRun, deploying: readonly Step[]): boolean {
  const last = deploying[0] ? job.job.steps.indexOf(deploying[0]) : job.job.steps.length;
  const own = job.job.steps.slice(0, last + 1);
  if (own.some((step) => mayTest(step, step === deploying[0]))) return true;
  return jobsBefore(run, job).some(
    ({ job: each, workflow, chance }) =>
      chance !== 'no' &&
      (each.steps.some((step) => mayTest(step, false)) ||
        (!deploysBySteps(each, workflow) && [each.id, each.name, calledFile(each)].some((name) => PERHAPS.test(name)))),
  );
}

/** All jobs that are done when a job begins: those that it needs, or that its callers need, and those of the workflows that they call. */
export function jobsBefore({ jobs }: WorkflowRun, job: JobRun): readonly JobRun[] {
  const before = new Set([job, ...callersOf(job)].flatMap((each) => each.before));
  return jobs.filter((each) => before.has(each) || callersOf(each).some((caller) => before.has(caller)));
}

function deploysBySteps(job: Job, workflow: Workflow): boolean {
  const deployment = deploymentOf(job, workflow);
  return deployment?.kind === 'deploys' && deployment.steps.length > 0;
}

function calledFile({ uses }: Job): string {
  return (
    uses?.text
      ?.split('/')
      .at(-1)
      ?.replace(/\.ya?ml(@.*)?$/, '') ?? ''
  );
}

function runsTests({ run, uses, action }: Step): boolean {
  if (action?.runs.steps.some(runsTests)) return true;
  if (uses?.text) return /cypress-io\/github-action/.test(uses.text);
  return commandsOf(run?.text ?? '').some(
    (command) => TEST_RUNNER.test(command) || TEST_TASK.test(command) || TEST_SCRIPT.test(command),
  );
}

function mayTest(step: Step, deploys: boolean): boolean {
  if (step.action?.runs.steps.some((inner) => mayTest(inner, false))) return true;
  const text = [...step.part.scalars()].map((part) => part.text ?? '').join('\n');
  if (runsTests(step) || ASKS.test(text)) return true;
  const { run, uses } = step;
  if (uses) return !deploys && PERHAPS.test(uses.text?.split('@')[0] ?? '') && !OF_SOMETHING_ELSE.test(uses.text ?? '');
  return commandsOf(run?.text ?? '').some((command) => TESTING_BUILD.test(command));
}

/** The commands of a script that do not deploy: "./deploy.sh test" is no test, nor is test -f. */
function commandsOf(script: string): readonly string[] {
  const commands = script
    .replace(/\\\n/g, ' ')
    .replace(/^\s*#.*$/gm, '')
    .split(/\n|;|&&|\|\|?/)
    .map((command) => command.trim().replace(/^((if|then|else|do|while|!|\(|\{|time|sudo|env|\w+=\S*)\s+)*/, ''));
  return commands.filter(
    (command) =>
      !/^(test|echo|printf|cd|rm|mkdir|cp|mv|cat|export|pip|apt-get|git|kubectl|helm|aws|az|gcloud)\s|^\[/.test(
        command,
      ) && !/deploy|publish|release|\bpush\b|--dry-run|\b(npm|pnpm|yarn|bun)\s+(ci|i|install|add)\b/i.test(command),
  );
}
