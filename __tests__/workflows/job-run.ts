import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checkout } from '../e2e/checkout';
import { type Contexts, filledIn, holds, type Job, type JobStatus } from './workflow-files';

export interface JobRunOptions {
  /** The contexts that GitHub gives: github, vars, inputs ... */
  readonly contexts: Contexts;
  /** What the runner sets besides. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of steps that are not run, and taken to succeed. */
  readonly without?: readonly string[];
  /** What the actions do that the test plays, by the step's name. */
  readonly actions?: Readonly<Record<string, (given: Readonly<Record<string, string>>) => void>>;
  /** What actions put out, by the step's name. */
  readonly actionOutputs?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How the run is cancelled while a step is at work; resolves to whether it still was. */
  readonly cancelled?: { readonly step: string; readonly by: (shell: ChildProcess) => Promise<boolean> };
}

export interface JobRun {
  readonly status: JobStatus;
  /** By the step's name: success, failure, cancelled or skipped. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** By the step's id. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What all scripts wrote to GITHUB_STEP_SUMMARY. */
  readonly summary: string;
  readonly output: string;
  /** What the steps that run somebody else's action would have been given; by the step's name. */
  readonly given: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Runs the scripts of a job in order, in a checkout with its platform, as a runner of GitHub does. Actions are taken to succeed. */
export async function runJob(job: Job, checkout: Pick<Checkout, 'run'>, options: JobRunOptions): Promise<JobRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-job-'));
  const steps: Record<string, { outcome: string; conclusion: string; outputs: Record<string, string> }> = {};
  const outcomes: Record<string, string> = {};
  const given: Record<string, Record<string, string>> = {};
  const printed: string[] = [];
  const summaries: string[] = [];
  let status: JobStatus = 'success';
  try {
    for (const [index, step] of (job.steps ?? []).entries()) {
      const contexts = () => ({ ...options.contexts, steps });
      const jobEnv = fill(job.env, contexts());
      let outcome = 'skipped';
      const outputs: Record<string, string> = {};
      if (holds(step.if, { ...contexts(), env: jobEnv }, status)) {
        outcome = 'success';
        if (step.uses) {
          given[step.name] = fill(step.with, contexts());
          options.actions?.[step.name]?.(given[step.name] ?? {});
          Object.assign(outputs, options.actionOutputs?.[step.name]);
        }
        if (step.run && !options.without?.includes(step.name)) {
          const file = (name: string) => join(folder, `${index}-${name}`);
          writeFileSync(file('script.sh'), step.run);
          writeFileSync(file('output'), '');
          writeFileSync(file('summary'), '');
          const env = {
            ...options.env,
            ...jobEnv,
            ...fill(step.env, contexts()),
            GITHUB_OUTPUT: file('output'),
            GITHUB_STEP_SUMMARY: file('summary'),
          };
          let cancelling = Promise.resolve(false);
          const { exitCode, output } = await checkout.run(`bash --noprofile --norc -eo pipefail ${file('script.sh')}`, {
            env,
            onStart: (shell) => {
              if (options.cancelled?.step === step.name) cancelling = options.cancelled.by(shell);
            },
          });
          printed.push(`$ ${step.name}\n${output}`);
          if (exitCode !== 0) outcome = 'failure';
          if (await cancelling) outcome = 'cancelled';
          for (const line of readFileSync(file('output'), 'utf8').split('\n').filter(Boolean)) {
            outputs[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
          }
          summaries.push(readFileSync(file('summary'), 'utf8'));
        }
      }
      outcomes[step.name] = outcome;
      const conclusion = outcome === 'failure' && step['continue-on-error'] ? 'success' : outcome;
      if (step.id) steps[step.id] = { outcome, conclusion, outputs };
      if (conclusion === 'failure' || conclusion === 'cancelled') status = conclusion;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    status,
    outcomes,
    outputs: Object.fromEntries(Object.entries(steps).map(([id, { outputs }]) => [id, outputs])),
    summary: summaries.join(''),
    output: printed.join('\n'),
    given,
  };
}

function fill(texts: Readonly<Record<string, unknown>> | undefined, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts ?? {}).map(([name, text]) => [name, filledIn(String(text), contexts)]),
  );
}
