import { availableParallelism } from 'node:os';
import { ALL } from '../operator/extent';
import { Exploration } from './exploration';
import { changesOf, fleets } from './ring-changes';
import type { RingFleet } from './ring-fleet';

/** Of the kinds of changes, those that ended in a cycle or a lost tenant while rings were gates. */
const EVERYDAY =
  /^(all that are|a ring is added at 0|canary is removed, its tenants go to general|rings in the order general, early, canary|amber moves to general)/;

const UPGRADE = ALL ? /./ : /^(an image alone|all that are)/;

/** What Terraform makes of the tenants stack over several runs: with no provider, and the manifests' places taken by its own resource. */
describe('Terraform', () => {
  test(
    'loses no tenant, has no cycle and heals, whatever changes together with an image and wherever the run is cut',
    async () => {
      const left = ALL ? fleets() : fleets().slice(0, 1);
      const explored: Exploration[] = [];
      const worker = async () => {
        for (let fleet = left.pop(); fleet; fleet = left.pop()) {
          const exploration = await Exploration.begin(fleet);
          explored.push(exploration);
          for (const change of changesOf(fleet)) {
            const everyday = EVERYDAY.test(change.what);
            if (ALL) await exploration.cutEverywhere(change);
            else if (everyday) await exploration.cutAtItsEnds(change);
          }
          exploration.end();
        }
      };
      await Promise.all(Array.from({ length: availableParallelism() }, worker));

      const sum = (of: 'changes' | 'cuts' | 'runs') => explored.reduce((sum, one) => sum + one[of], 0);
      console.log(
        `${explored.length} fleets, ${sum('changes')} changes, cut at ${sum('cuts')} points: ${sum('runs')} runs of Terraform`,
      );
      expect(explored.flatMap(({ problems }) => problems)).toEqual([]);
    },
    4 * 60 * 60_000,
  );

  test(
    'goes on from the state of a time when rings were gates, wherever the first run is cut',
    async () => {
      const [fleet] = fleets();
      const exploration = await Exploration.beginGated(fleet as RingFleet);
      for (const change of changesOf(fleet as RingFleet).filter(({ what }) => UPGRADE.test(what))) {
        await exploration.cutEverywhere(change);
      }
      exploration.end();
      expect(exploration.problems).toEqual([]);
      expect(exploration.cuts).toBeGreaterThan(10);
    },
    4 * 60 * 60_000,
  );
});
