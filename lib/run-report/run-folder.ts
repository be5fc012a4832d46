import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { PlanReport } from '../plan/plan-report';
import type { StepFiles } from '../step/run-step';
import { StepProcesses } from '../step/step-processes';
import { type FailureRecord, readFailure } from './failure-record';

/** Where the steps of a run leave what the report at its end is made from. */
export class RunFolder {
  private readonly path: string;

  constructor(path = process.env.TENANTRY_RUN || 'run') {
    this.path = resolve(path);
  }

  /** Makes room for a step: nothing of an earlier one of this name stays. */
  begin(step: string): StepFiles & { readonly failure: string } {
    mkdirSync(this.path, { recursive: true });
    const files = { log: this.logOf(step), failure: this.failureOf(step) };
    for (const file of Object.values(files)) rmSync(file, { force: true });
    return { ...files, processes: this.processesOf(step) };
  }

  /** Of the steps that have begun, by their names. */
  processes(): ReadonlyMap<string, StepProcesses> {
    if (!existsSync(this.path)) return new Map();
    const names = readdirSync(this.path).flatMap((name) => /^(.+)\.processes$/.exec(name)?.[1] ?? []);
    return new Map(names.map((name) => [name, new StepProcesses(this.processesOf(name))]));
  }

  /** All that a step printed, without colours; empty where it did not run. */
  log(step: string): string {
    const file = this.logOf(step);
    return existsSync(file) ? stripVTControlCharacters(readFileSync(file, 'utf8')) : '';
  }

  /** As the synth said it (lib/images/converged.ts). */
  heldImages(): string[] {
    return [...this.log('synth').matchAll(/\bheld: (.*)$/gm)].map(([, line = '']) => line.trim());
  }

  failure(step: string): FailureRecord | undefined {
    return readFailure(this.failureOf(step));
  }

  /** What `tenantry plan --json` left; undefined where the run did not come that far. */
  plan(): PlanReport | undefined {
    const file = join(this.path, 'plan.json');
    if (!existsSync(file)) return undefined;
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as PlanReport;
    } catch {
      return undefined;
    }
  }

  private processesOf(step: string): string {
    return join(this.path, `${step}.processes`);
  }

  private logOf(step: string): string {
    return join(this.path, `${step}.log`);
  }

  private failureOf(step: string): string {
    return join(this.path, `${step}.failure.json`);
  }
}
