import { type Deployment, deploymentOf } from './deployment';
import type { Repository } from './repository';
import { all, any, type Chance } from './simulation/chance';
import type { Names, SyntheticEvent } from './simulation/event';
import { eventsOf } from './simulation/events-of';
import { namesIn } from './simulation/names';
import { type UpstreamRunKind, upstreamRuns } from './simulation/upstream-runs';
import { type JobRun, simulate, type WorkflowRun } from './simulation/workflow-run';
import { matchesPatterns } from './workflow/filter-pattern';
import type { Workflow } from './workflow/workflow';

/** A job that deploys, in a run. */
export interface DeployingJob {
  /** Its place among the jobs of the run: the same in every run of a workflow. */
  readonly index: number;
  readonly run: JobRun;
  readonly deployment: Deployment;
}

/** What rules ask about a repository. Answers are kept. */
export class Analysis {
  readonly names: Names;
  private readonly runs = new Map<SyntheticEvent, Map<Workflow, WorkflowRun>>();
  private readonly events = new Map<Workflow, readonly SyntheticEvent[]>();
  private readonly upstream = new Map<Workflow, readonly UpstreamRunKind[]>();

  constructor(readonly repository: Repository) {
    this.names = namesIn(repository);
  }

  /** Those that GitHub takes: of a file that it refuses, nothing runs. */
  get workflows(): readonly Workflow[] {
    return this.repository.workflows.filter(({ problems }) => problems.length === 0);
  }

  /** The workflows after whose runs a workflow starts by workflow_run. */
  upstreamsOf(workflow: Workflow): readonly Workflow[] {
    const patterns = workflow.triggers.get('workflow_run')?.filter('workflows')?.texts ?? [];
    return this.workflows.filter(({ name }) => matchesPatterns(patterns, name));
  }

  /** The runs after which a workflow may start by workflow_run, the likely ones first. */
  upstreamRunsOf(workflow: Workflow): readonly UpstreamRunKind[] {
    return remembered(this.upstream, workflow, () => upstreamRuns(this.names, workflow, this.upstreamsOf(workflow)));
  }

  /** Events of every kind that start a workflow. */
  eventsOf(workflow: Workflow): readonly SyntheticEvent[] {
    return remembered(this.events, workflow, () =>
      eventsOf(this.names, workflow, this.upstreamsOf(workflow), this.upstreamRunsOf(workflow)),
    );
  }

  /** Its runs under each of these events. */
  runsOf(workflow: Workflow): readonly WorkflowRun[] {
    return this.eventsOf(workflow).map((event) => this.run(workflow, event));
  }

  run(workflow: Workflow, event: SyntheticEvent): WorkflowRun {
    const runs = remembered(this.runs, event, () => new Map());
    return remembered(runs, workflow, () => simulate(this.repository, workflow, event));
  }

  /**
   * The jobs of a run that deploy, or may, whether they run this time or not. Of a job that calls a workflow, it is the jobs
   * of that one; where none of them shows that it deploys, the job that calls them may say so.
   */
  deployingJobs({ jobs }: WorkflowRun): readonly DeployingJob[] {
    const found = jobs.flatMap((run, index) => {
      const deployment = deploymentOf(run.job, run.workflow);
      return deployment ? [{ index, run, deployment }] : [];
    });
    const callers = new Set(found.flatMap(({ run }) => callersOf(run)));
    return found.filter(({ run }) => !callers.has(run));
  }
}

export function callersOf({ caller }: JobRun): readonly JobRun[] {
  return caller ? [caller, ...callersOf(caller)] : [];
}

/**
 * Does a job deploy in a run? Where no step says so by itself, it does if it does all that it did in `usual`, a run in which
 * it surely deploys: a step that is left out now may be the one.
 */
export function deploys({ run, deployment }: DeployingJob, usual?: JobRun): Chance {
  if (deployment.steps.length > 0) {
    const steps = run.steps.flatMap((each) => [each, ...each.inner]);
    return any(steps.filter(({ step }) => deployment.inner.includes(step)).map(({ chance }) => chance));
  }
  const usually = run.steps.filter((_, index) => usual === undefined || usual.steps[index]?.chance !== 'no');
  return usual ? all([run.chance, ...usually.map(({ chance }) => chance)]) : run.chance;
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, find: () => Value): Value {
  const value = known.get(key) ?? find();
  known.set(key, value);
  return value;
}
