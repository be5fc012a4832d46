import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExplainedError } from '@tenantry/text/explained-error';
import { shownPath } from '@tenantry/text/shown-path';
import { readActions } from './workflow/composite-action';
import type { Part } from './workflow/part';
import { readWorkflow, unreadable } from './workflow/read-workflow';
import type { CompositeAction, Job, Workflow } from './workflow/workflow';

/** The workflows of one repository. */
export interface Repository {
  readonly directory: string;
  /** In the order of their files. */
  readonly workflows: readonly Workflow[];
  /** Those of its own that workflows use by a path, by that: `.github/actions/announce`. */
  readonly actions: ReadonlyMap<string, CompositeAction>;
}

/** Thrown when there is nothing to lint in a directory. */
export class NothingToLint extends ExplainedError {
  override readonly name = 'NothingToLint';

  constructor(
    readonly directory: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${shownPath(directory)}: ${reason}`, options);
  }
}

const FOLDER = '.github/workflows';

/** Reads `<directory>/.github/workflows/*.yml` and `*.yaml`. Only what can't be found at all throws. */
export function readRepository(directory: string): Repository {
  const actions = readActions(directory);
  return {
    directory,
    actions,
    workflows: workflowFiles(directory).map((name) => {
      const file = join(directory, FOLDER, name);
      const path = `${FOLDER}/${name}`;
      try {
        return readWorkflow(shownPath(file), path, readFileSync(file, 'utf8').replace(/^\uFEFF/, ''), actions);
      } catch (error) {
        return unreadable(shownPath(file), path, '', `it can't be read: ${(error as Error).message}`);
      }
    }),
  };
}

/** The workflow of the same repository that a job calls. */
export function calledWorkflow({ workflows }: Repository, uses: Part): Workflow | undefined {
  const path = uses.text?.replace(/^\.\//, '');
  return uses.text?.startsWith('./') ? workflows.find((workflow) => workflow.path === path) : undefined;
}

/** The jobs of the same repository that call a workflow. */
export function jobsThatCall(repository: Repository, workflow: Workflow): readonly Job[] {
  const jobs = repository.workflows.flatMap((each) => each.jobs);
  return jobs.filter(({ uses }) => uses && calledWorkflow(repository, uses) === workflow);
}

function workflowFiles(directory: string): readonly string[] {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new NothingToLint(directory, 'there is no such directory');
  }
  let entries: Dirent[];
  try {
    entries = readdirSync(join(directory, FOLDER), { withFileTypes: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadableFolder(directory, cause);
    throw new NothingToLint(directory, `there is no ${FOLDER} in it. Name the root of a repository`, { cause });
  }
  const files = entries.filter((entry) => /\.ya?ml$/.test(entry.name) && (entry.isFile() || entry.isSymbolicLink()));
  if (files.length === 0) throw new NothingToLint(directory, `there is no workflow in its ${FOLDER} (*.yml, *.yaml)`);
  return files.map(({ name }) => name).sort();
}

function unreadableFolder(directory: string, cause: unknown): NothingToLint {
  return new NothingToLint(directory, `its ${FOLDER} can't be read: ${(cause as Error).message}`, { cause });
}
