import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { withoutIds } from '../lib/config/without-ids';
import { unlockCommand } from '../lib/run-report/cut-short';
import { GitHubSilent } from '../lib/run-report/github';
import { type RunAtWork, runsAtWork } from '../lib/run-report/runs-at-work';
import { removeLock, type StateLock, stateLocks } from '../lib/state-bucket/state-lock';
import { ExplainedError } from '../lib/text/explained-error';
import { table } from './table';

/** Thrown when a lock stays where it is. */
export class StillLocked extends ExplainedError {
  override readonly name = 'StillLocked';
}

export function addUnlock(program: Command): void {
  program
    .command('unlock')
    .description(
      "who holds Terraform's state, and since when? With the lock's ID: takes it away, unless GitHub says that a run goes on which may hold it",
    )
    .argument('[id]', 'of the lock whose run is dead')
    .option('--yes', 'also where GitHub does not say which runs go on, or can not know: you have looked')
    .action(async (id: string | undefined, { yes = false }: { readonly yes?: boolean }) => {
      const { platform } = loadConfiguration();
      const locks = await stateLocks(platform);
      if (id === undefined) return show(locks);
      const lock = locks.find((one) => one.id === id);
      if (lock === undefined) throw new StillLocked(`no state has the lock ${id}. ${inWords(locks)}`);
      const holder = await mayHold(platform.github, lock, yes);
      if (holder) {
        throw new StillLocked(
          `the state of ${lock.stack} stays locked: a run goes on that began before the lock was taken, and may hold it: ` +
            `${holder.title}, since ${holder.since.toISOString()}, ${holder.url}\n` +
            `Wait for it, or end it, whereupon it unlocks: gh run cancel ${holder.id}`,
        );
      }
      if (!yes && !OF_A_RUNNER.test(lock.who)) {
        throw new StillLocked(
          `the state of ${lock.stack} is held by ${lock.who} since ${lock.since.toISOString()}: not a run on a runner of GitHub's, as far as the name tells, but somebody's ` +
            `"cdktf deploy" by hand, of which GitHub knows nothing. Ask them. If it is dead: ${unlockCommand(id)} --yes`,
        );
      }
      if (!(await removeLock(platform, lock))) throw new StillLocked(`the lock ${id} is no longer there`);
      console.log(
        `The state of ${lock.stack} is unlocked. Any run that succeeds makes up for what the dead one left undone.`,
      );
    });
}

/** Who holds a lock from a runner of GitHub's: `user@host`. */
const OF_A_RUNNER = /^runner@/;

/** The run that may be the lock's. */
async function mayHold(repository: string, { id, since }: StateLock, looked: boolean): Promise<RunAtWork | undefined> {
  try {
    const [first] = await runsAtWork(repository, since);
    return first;
  } catch (error) {
    if (!(error instanceof GitHubSilent)) throw error;
    if (looked) return undefined;
    const actions = `https://github.com/${withoutIds(repository)}/actions`;
    throw new StillLocked(
      `${error.message}\nLook at ${actions} yourself. If no run goes on that began before ${since.toISOString()}: ${unlockCommand(id)} --yes`,
      { cause: error },
    );
  }
}

function show(locks: readonly StateLock[]): void {
  console.log(inWords(locks));
  if (locks.length > 0) console.log(`If the run of one is dead: ${unlockCommand('<ID>')}`);
}

function inWords(locks: readonly StateLock[]): string {
  if (locks.length === 0) return 'No state is locked.';
  return table(
    ['STATE', 'ID', 'WHO', 'SINCE', 'DOES'],
    locks.map(({ stack, id, who, since, operation }) => [
      stack,
      id,
      who,
      since.toISOString(),
      operation.replace(/^OperationType/, '').toLowerCase(),
    ]),
  );
}
