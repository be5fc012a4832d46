import { Progress } from '../../../cli/verify/progress';
import { convergence, outcome, stuck } from './outcomes';

/** A stream that keeps what is written, and a clock that a test turns. */
function shown(stream: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  const clock = { now: 0 };
  const progress = new Progress({ ...stream, write: (text) => written.push(text) }, () => clock.now);
  const show = (attempt: number, ...tenants: ReturnType<typeof convergence>[]) =>
    progress.show({ ...outcome(tenants).verification, attempt });
  return { written, clock, progress, show };
}

describe('while tenants are waited for', () => {
  test('a terminal has one line that is redrawn, as wide as it is, and is empty in the end', () => {
    const { written, progress, show } = shown({ isTTY: true, columns: 40 });
    show(1, stuck('amber'), stuck('birch'));
    show(2, convergence('amber'), stuck('birch'));
    progress.end();
    expect(written).toEqual([
      '\r\x1b[Kattempt 1 of 12: 0 of 2 tenants have co',
      '\r\x1b[Kattempt 2 of 12: 1 of 2 tenants have co',
      '\r\x1b[K',
    ]);
  });

  test('a log has a line when something has changed, and none for what is over at once', () => {
    const { written, clock, progress, show } = shown();
    show(1, stuck('amber'), stuck('birch'));
    clock.now = 5_000;
    show(2, stuck('amber'), stuck('birch'));
    clock.now = 10_000;
    show(3, stuck('amber'), stuck('birch'));
    clock.now = 15_000;
    show(4, convergence('amber'), stuck('birch', { step: 'health', reason: 'TimedOut' }));
    clock.now = 20_000;
    // The answer itself says this.
    show(5, convergence('amber'), convergence('birch'));
    progress.end();
    expect(written).toEqual([
      '0 of 2 tenants have converged; waiting for amber (ready: RolloutInProgress), birch (ready: RolloutInProgress)\n',
      '1 of 2 tenants have converged; waiting for birch (health: TimedOut)\n',
    ]);
  });

  test('a log has no more than a line in five seconds, however much changes', () => {
    const { written, clock, show } = shown();
    for (let second = 0; second < 60; second += 0.1) {
      clock.now = second * 1000;
      show(1, ...Array.from({ length: 100 }, (_, index) => (index < second ? convergence : stuck)(`tenant${index}`)));
    }
    expect(written).toHaveLength(12);
    expect(written.at(-1)).toMatch(/^\d\d of 100 tenants .* and \d\d more\n$/);
  });
});
