import { typedCommand } from '../config/typed-command';
import type { Verdict } from './verdict';

/** As the operator says why a tenant waits for a ring where nobody is ill: operator/tenantry_operator/rings.py. */
const BAKING = 'all is well there, and has to be so until';
/** Tenants that are shown. */
const SHOWN = 8;

/** What it means that tenants did not converge on what was applied, by what `tenantry verify` printed. */
export function verifyVerdict(log: string, otherwise: readonly string[]): Verdict {
  const lines = log.split('\n').map((line) => line.trim());
  const conclusions = lines.filter((line) => /^Not (converged|as the files say)/.test(line));
  const named = lines.filter((line) => / is stuck at | is in use and has no file| is still being deleted/.test(line));
  const [, left, waiting] = /: (\d+) of \d+ tenants, of which (\d+) wait for others/.exec(conclusions.join('\n')) ?? [];
  if (left !== undefined && left === waiting && named.some((line) => line.includes(BAKING))) {
    return {
      kind: 'passing',
      title:
        'Everything was applied, and nobody is ill: later rings still wait for the earlier ones to have been well for long enough',
      evidence: [...conclusions, ...named.slice(0, SHOWN)],
      next: [
        'Leave it to the operator, which goes on without a run. The next run looks again: the schedule starts one.',
      ],
    };
  }
  const held = conclusions.some((line) => line.includes('wait for others and keep the images'));
  const evidence = [...conclusions, ...named.slice(0, SHOWN)];
  return {
    kind: 'person',
    title: held
      ? 'Tenants did not get well on what the run gave them; the rings behind them keep what they run'
      : 'Everything was applied, and not every tenant got well on it',
    evidence: evidence.length > 0 ? evidence : otherwise,
    next: [
      'Look at the tenants that are named first, by "kubectl describe tenant <name>" and the logs of the service. Those that are held (RingHeld) only wait for them.',
      `Mend it by pushing a commit that works: its dispatch starts the next run. Until then: ${typedCommand('npx tenantry freeze')} --images <lock of the last good run>, or --pin the one service.`,
    ],
  };
}
