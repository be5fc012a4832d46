import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Platform } from './platform';
import { ConfigurationError, type Problem } from './problem';
import { YamlFile } from './yaml-file';

const DEPLOY_WORKFLOW = '.github/workflows/deploy-tenants.yml';
const CALLED = './.github/workflows/deploy-environment.yml';
/** It is a part of names of artifacts, which have no slash. */
const FILE = /^[A-Za-z0-9][\w.-]*$/;
const REPLAY = expression('inputs.replay');
const NO_NEW_IMAGE = 'it would never take a new image';

const text = z.string().catch('');
/** Of a workflow that GitHub takes, what says which environments it deploys. What else is wrong with it is not for here. */
const jobs = z.record(
  z.string(),
  z.looseObject({
    uses: text,
    if: text,
    needs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]),
    with: z
      .looseObject({ platform: text, environment: text, converged: text, replay: text })
      .catch({ platform: '', environment: '', converged: '', replay: '' }),
  }),
);

/** A job of deploy-tenants. */
export interface DeployedEnvironment {
  readonly job: string;
  /** Path of its platform file. */
  readonly platform: string;
  /** GitHub environment; empty where it names none. */
  readonly environment: string;
  /** Ids of the jobs that it needs. */
  readonly needs: readonly string[];
  /** Its `if:`. */
  readonly condition: string;
  /** The texts of `converged` and `replay`; empty where it is handed none. */
  readonly converged: string;
  readonly replay: string;
}

/** The environments that deploy-tenants deploys, and the way back to where each stands. */
export class DeployedEnvironments {
  private constructor(
    readonly all: readonly DeployedEnvironment[],
    private readonly yaml: YamlFile,
  ) {}

  /**
   * Reads the workflow of a repository.
   *
   * @returns undefined where there is no such workflow.
   * @throws ConfigurationError where it can't be said which platform files it deploys.
   */
  static read(root: string): DeployedEnvironments | undefined {
    const path = join(root, DEPLOY_WORKFLOW);
    if (!existsSync(path)) return undefined;
    const yaml = YamlFile.read(path);
    if (Array.isArray(yaml)) throw new ConfigurationError(yaml);
    const read = jobs.safeParse((yaml.value as { readonly jobs?: unknown }).jobs);
    const calls = Object.entries(read.data ?? {}).filter(([, { uses }]) => uses === CALLED);
    const problems = calls.flatMap(([job, { with: given }]) =>
      FILE.test(given.platform)
        ? []
        : [
            yaml.problem(
              ['jobs', job, 'with', 'platform'],
              'write out the name of a platform file in the root, without a path',
            ),
          ],
    );
    if (calls.length === 0) problems.push(yaml.problem(['jobs'], `no job calls ${CALLED}, so nothing is deployed`));
    if (problems.length > 0) throw new ConfigurationError(problems);
    const all = calls.map(([job, { if: condition, needs, with: given }]): DeployedEnvironment => {
      const { environment, converged, replay } = given;
      return { job, platform: join(root, given.platform), condition, environment, needs, converged, replay };
    });
    return new DeployedEnvironments(all, yaml);
  }

  /** What the jobs that deploy a platform file say that does not go with it. GitHub sees nothing wrong in any of it. */
  problemsOf(path: string, platform: Pick<Platform, 'environment' | 'after'>): Problem[] {
    const jobs = this.all.filter((one) => resolve(one.platform) === resolve(path));
    return jobs.flatMap((one) => this.problems(one, platform));
  }

  private problems(
    one: DeployedEnvironment,
    { environment = '', after }: Pick<Platform, 'environment' | 'after'>,
  ): Problem[] {
    const file = basename(one.platform);
    const found: Problem[] = [];
    const add = (key: string, message: string) => {
      const path = key === 'needs' || key === 'if' ? [key] : ['with', key];
      found.push(this.yaml.problem(['jobs', one.job, ...path], message));
    };
    const first = this.all.find(({ platform }) => platform === one.platform);
    if (first && first !== one) add('platform', `the job ${first.job} deploys ${file} too`);
    if (one.environment !== environment) {
      const [here, there] = [one.environment, environment].map((name) => (name ? `"${name}"` : 'none'));
      add(
        'environment',
        `the GitHub environment is ${here} here and ${there} in ${file}: AWS would refuse the deployer`,
      );
    }
    if (withoutSpaces(one.replay) !== withoutSpaces(REPLAY)) {
      add('replay', `say "replay: ${REPLAY}": a run by hand that replays another would deploy something else here`);
    }
    if (!after) {
      if (one.converged) add('converged', `${file} has no "after": say there what it comes after, or take this out`);
      return found;
    }
    const before = this.all.find(({ platform }) => resolve(platform) === resolve(after.file));
    if (!before) {
      add('platform', `${file} comes after ${after.file}, and no job deploys that: ${NO_NEW_IMAGE}`);
      return found;
    }
    const { job } = before;
    const told = expression(`needs.${job}.outputs.converged`);
    if (!one.needs.includes(job))
      add('needs', `add "needs: ${job}", since ${file} comes after ${after.file}: ${NO_NEW_IMAGE}`);
    if (!/(always|!\s*cancelled)\(\)/.test(one.condition)) {
      add(
        'if',
        `without "!cancelled()" this is skipped where ${job} is red, and a freeze or a roll back would not reach it`,
      );
    }
    if (withoutSpaces(one.converged) !== withoutSpaces(told))
      add('converged', `say "converged: ${told}": ${NO_NEW_IMAGE}`);
    return found;
  }
}

function expression(text: string): string {
  return `\${{ ${text} }}`;
}

function withoutSpaces(expression: string): string {
  return expression.replace(/\s/g, '');
}
