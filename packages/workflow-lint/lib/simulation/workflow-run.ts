import { calledWorkflow, type Repository } from '../repository';
import type { Part } from '../workflow/part';
import type { Concurrency, Job, Workflow } from '../workflow/workflow';
import { all, type Chance } from './chance';
import { evaluate, evaluatePart, evaluateText, type Scope } from './evaluate';
import type { SyntheticEvent } from './event';
import { runSteps, type StepRun } from './run-steps';
import { looksAt } from './script-guard';
import { chanceOf, open, type Plain, unknown } from './value';

/** What a workflow would do under an event. */
export interface WorkflowRun {
  readonly workflow: Workflow;
  readonly event: SyntheticEvent;
  readonly scope: Scope;
  /** Those of the workflows that it calls, too, each after the job that calls it. */
  readonly jobs: readonly JobRun[];
}

export interface JobRun {
  readonly workflow: Workflow;
  readonly job: Job;
  /** Does it run? */
  readonly chance: Chance;
  /** All jobs that have to come before, not only those that it names: GitHub asks all of them for success. */
  readonly before: readonly JobRun[];
  readonly steps: readonly StepRun[];
  /** What its own texts are evaluated with, those of its steps left out. */
  readonly scope: Scope;
  /** The job that calls the workflow that this job is in. */
  readonly caller: JobRun | undefined;
  /** May it end by what a script of it finds, so that what needs it is guarded by it? */
  readonly refuses: boolean;
  readonly outputs: Plain;
}

/** Reusable workflows that call others: as deep as GitHub allows. */
const DEEPEST_CALL = 10;
/** Far above what a person writes: ten files can call each other so that no machine sees the end of it. */
const MOST_JOBS = 1000;

export function simulate(repository: Repository, workflow: Workflow, event: SyntheticEvent): WorkflowRun {
  const github = open({ ...event.github, workflow: workflow.name });
  const inputs = event.name === 'workflow_dispatch' ? open() : {};
  const scope = { contexts: { github, inputs, vars: open(), secrets: open() } };
  const call = { repository, workflow, event, scope, caller: undefined, depth: 0, left: { jobs: MOST_JOBS } };
  return { workflow, event, scope, jobs: runJobs(call) };
}

/** What a concurrency's group is called in a run; undefined where that is not known. Case makes no difference to GitHub. */
export function groupName({ group }: Concurrency, scope: Scope): string | undefined {
  return evaluateText(group.text ?? '', scope)?.toLowerCase();
}

interface Call {
  readonly repository: Repository;
  readonly workflow: Workflow;
  readonly event: SyntheticEvent;
  readonly scope: Scope;
  readonly caller: JobRun | undefined;
  readonly depth: number;
  readonly left: { jobs: number };
}

function runJobs(call: Call): readonly JobRun[] {
  const done = new Map<string, JobRun>();
  const found: JobRun[] = [];
  const run = (job: Job) => {
    if (done.has(job.id)) return;
    for (const needed of call.workflow.jobs) if (job.needs.includes(needed.id)) run(needed);
    const [own, ...called] = runJob(call, job, done);
    if (own) done.set(job.id, own);
    found.push(...(own ? [own, ...called] : []));
  };
  call.workflow.jobs.forEach(run);
  return found;
}

/** The job, and those of the workflow that it calls. */
function runJob(call: Call, job: Job, done: ReadonlyMap<string, JobRun>): readonly JobRun[] {
  const { workflow, caller } = call;
  const needed = job.needs.flatMap((id) => done.get(id) ?? []);
  const before = [...new Set(needed.flatMap((run) => [run, ...run.before]))];
  const needs = Object.fromEntries(needed.map((run) => [run.job.id, { result: resultOf(run), outputs: run.outputs }]));
  const inner = { ...call.scope.contexts, needs, matrix: open(), strategy: open() };
  const status = {
    success: all(before.map((run) => (run.refuses ? all([run.chance, 'guarded']) : run.chance))),
    failure: before.some(({ chance }) => chance !== 'no') ? ('open' as const) : ('no' as const),
  };
  const scope = { contexts: inner, status };
  const runs = chanceOf(evaluate(job.if?.expression ?? 'success()', scope));
  const chance = all([caller?.chance ?? 'yes', runs]);
  const unfinished = { workflow, job, chance, before, scope, caller, refuses: false, outputs: '' as Plain };
  if (job.uses) return calledBy(call, { ...unfinished, steps: [] }, job.uses);
  const { steps, refuses, end } = runSteps(workflow, job, call.event, chance, scope);
  const outputs: Plain =
    chance === 'no'
      ? {}
      : Object.fromEntries(
          (job.part.get('outputs')?.entries ?? []).map(({ key, value }) => [key.text ?? '', evaluatePart(value, end)]),
        );
  return [{ ...unfinished, steps, refuses, outputs }];
}

function calledBy(call: Call, run: JobRun, uses: Part): readonly JobRun[] {
  const called = calledWorkflow(call.repository, uses);
  call.left.jobs -= called?.jobs.length ?? 0;
  if (!called || call.depth >= DEEPEST_CALL || call.left.jobs < 0) return [{ ...run, outputs: open() }];
  const { github, vars } = call.scope.contexts;
  const scope = {
    contexts: { github: github ?? {}, vars: vars ?? {}, secrets: open(), inputs: inputsOf(called, run) },
  };
  const jobs = runJobs({ ...call, workflow: called, scope, caller: run, depth: call.depth + 1 });
  const looks = jobs.some(({ workflow, job }) =>
    job.steps.some((step) => looksAt(step, job, workflow, call.event.differs)),
  );
  // The very run that its jobs name as their caller: who calls is known by that.
  const ends = { refuses: jobs.some(({ refuses }) => refuses), outputs: open({}, looks ? 'guarded' : 'open') };
  return [Object.assign(run, ends), ...jobs];
}

function inputsOf(called: Workflow, { job, scope }: JobRun): Plain {
  const declared = called.triggers.get('workflow_call')?.filter('inputs')?.entries ?? [];
  const given = job.part.get('with');
  return Object.fromEntries(
    declared.map(({ key, value }) => {
      const name = key.text ?? '';
      const passed = given?.get(name);
      return [name, passed ? evaluatePart(passed, scope) : typed(value.get('default')?.text)];
    }),
  );
}

function typed(text: string | undefined): Plain {
  return text === undefined ? '' : text === 'true' ? true : text === 'false' ? false : text;
}

function resultOf({ chance, refuses }: JobRun): Plain {
  const end = refuses ? all([chance, 'guarded']) : chance;
  return end === 'yes' ? 'success' : end === 'no' ? 'skipped' : unknown(end);
}
