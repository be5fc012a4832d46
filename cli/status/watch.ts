import type { Configuration } from '../../lib/config/load';
import { expectedImages } from '../../lib/fleet/expected-images';
import { joinFleet } from '../../lib/fleet/fleet';
import { TenantWatch } from '../../lib/fleet/tenant-watch';
import { plainText } from '../../lib/text/harmless';
import { fleetChanges } from './fleet-changes';
import { Screen } from './screen';
import { type Question, refuseUnknownNames, type View, view, viewJson } from './view';

/** Milliseconds after which ages are drawn anew, and after which ECR is asked again: nobody is told what was pushed. */
const REDRAW = 15_000;
const ASK_ECR = 60_000;

/** Shows a state of the fleet. `lost` is why the cluster can't be followed at the moment. */
type Show = (state: View, lost: string | undefined) => void;

/**
 * Shows a fleet as it changes until somebody interrupts it: on a terminal by drawing it anew; elsewhere by a line for each change, or a line
 * of JSON for each state. That is the way to end it, so the exit code is 0 then.
 *
 * @throws ClusterUnreadable when the cluster was not heard of for half a minute, or refuses.
 */
export async function watchStatus(configuration: Configuration, question: Question, json: boolean): Promise<never> {
  const [watch, first] = await Promise.all([
    TenantWatch.open(configuration.platform.cluster),
    expectedImages(configuration, question.services),
  ]);
  let images = first;
  setInterval(async () => {
    images = await expectedImages(configuration, question.services);
  }, ASK_ECR).unref();
  const screen = !json && process.stdout.isTTY ? new Screen(process.stdout) : undefined;
  // However it ends: a terminal that was left on its second screen is of no use to anybody.
  process.once('exit', () => screen?.leave());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit());
  const fleet = () => joinFleet(configuration, watch.all, images, new Date());
  const show = screen ? drawing(screen) : json ? states() : changes();
  try {
    // Once: what was there when the question was put may go while the answer is watched.
    refuseUnknownNames(fleet(), question);
    for (;;) {
      const state = view(fleet(), question);
      show(state, watch.unreadable?.message);
      await watch.change(REDRAW);
    }
  } finally {
    screen?.leave();
    watch.close();
  }
}

function drawing(screen: Screen): Show {
  return ({ text }, lost) => screen.draw(lost === undefined ? text : `${lostLine(lost)}\n\n${text}`);
}

/** The first state as it is, and then what changes. */
function changes(): Show {
  let before: View | undefined;
  let lostBefore: string | undefined;
  return (state, lost) => {
    const lines = before ? fleetChanges(before.fleet, state.fleet) : [state.text, ''];
    if (lost !== lostBefore) lines.push(lost === undefined ? 'the cluster answers again' : lostLine(lost));
    for (const line of lines) console.log(line);
    [before, lostBefore] = [state, lost];
  };
}

/** A state a line. Time alone is no news. */
function states(): Show {
  let before = '';
  return (state) => {
    const timeless = viewJson({ ...state, fleet: { ...state.fleet, at: '' } });
    if (timeless !== before) console.log(viewJson(state));
    before = timeless;
  };
}

function lostLine(lost: string): string {
  return `This is not the present state: ${plainText(lost)}`;
}
