import { report } from '../../../cli/verify/report';
import { convergence, outcome, stuck } from './outcomes';

describe('what a verification came to', () => {
  test('is one line where all is well', () => {
    expect(report(outcome([convergence('amber'), convergence('birch')]))).toBe(
      'Converged: 2 of 2 tenants are on the images of this run, ready and healthy.',
    );
    expect(report(outcome([convergence('amber')], { ring: 'canary', behind: ['general'] }))).toBe(
      'Converged: 1 of 1 tenants of the ring canary are on the images of this run, ready and healthy.',
    );
  });

  test('names each tenant that is stuck, where, and why, and comes to the point at its end', () => {
    const tenants = [convergence('amber'), stuck('birch'), stuck('cedar', { step: 'health', reason: 'TimedOut' })];
    expect(report(outcome(tenants))).toBe(
      [
        '  birch (general) is stuck at ready: RolloutInProgress: web: 1 of 2 pods',
        '  cedar (general) is stuck at health: TimedOut: web: 1 of 2 pods',
        '',
        'Not converged after 12 of 12 attempts (58 s): 2 of 3 tenants.',
      ].join('\n'),
    );
  });

  test('of a ring says what that means for the rings behind it', () => {
    const behind = ['early', 'general'];
    expect(report(outcome([stuck('amber')], { ring: 'canary', behind }))).toContain(
      'Not converged after 12 of 12 attempts (58 s): 1 of 1 tenants of the ring canary. The rings behind it (early, general) keep the images that they run until it has.',
    );
  });

  test('says that a person is needed where it did not go on waiting for one', () => {
    expect(report(outcome([stuck('amber', { stalled: true })]))).toBe(
      [
        '  amber (general) is stuck at ready, and needs a person: RolloutInProgress: web: 1 of 2 pods',
        '',
        'Not converged: 1 of 1 tenants; a person is needed.',
      ].join('\n'),
    );
    const both = report(outcome([stuck('amber', { stalled: true }), stuck('birch')]));
    expect(both).toContain('Not converged after 12 of 12 attempts (58 s): 2 of 2 tenants.');
  });

  test('is no good news while a tenant has no file', () => {
    const strays = [{ tenant: 'zinc', message: 'is in use and has no file.' }];
    expect(report(outcome([convergence('amber')], { strays }))).toBe(
      [
        '  zinc is in use and has no file.',
        '',
        'Not as the files say: 1 live without a file. Else converged: 1 of 1 tenants are on the images of this run, ready and healthy.',
      ].join('\n'),
    );
    expect(report(outcome([stuck('amber')], { strays }))).toContain('1 of 1 tenants, and 1 live without a file.');
  });

  test('stays short enough for what Terraform keeps of it, 8 KiB, and ends with the point', () => {
    const long = 'x'.repeat(300);
    const text = report(
      outcome(Array.from({ length: 1000 }, (_, index) => stuck(`tenant${index}`, { evidence: long }))),
    );
    expect(Buffer.byteLength(text)).toBeLessThan(8 * 1024);
    expect(text).toContain('  ... and 980 more; --json names all of them\n');
    expect(text).toMatch(/\nNot converged after 12 of 12 attempts \(58 s\): 1000 of 1000 tenants\.$/);
  });

  test('names first those that others wait for, and what was deleted and is still there', () => {
    const held = { reason: 'RingHeld', evidence: 'waits for ring canary: cedar is not ready (RolloutStuck)' };
    const leaving = [{ tenant: 'zinc', message: 'is still being deleted, since yesterday; held by example.com/keep.' }];
    const lines = report(outcome([stuck('birch', held), stuck('cedar')], { leaving })).split('\n');
    expect(lines[0]).toMatch(/^ {2}cedar/);
    expect(lines[1]).toMatch(
      /^ {2}birch \(general\) is stuck at ready: RingHeld: waits for ring canary: cedar is not ready/,
    );
    expect(lines[2]).toBe('  zinc is still being deleted, since yesterday; held by example.com/keep.');
    expect(lines.at(-1)).toBe(
      'Not converged after 12 of 12 attempts (58 s): 2 of 2 tenants, of which 1 wait for others and keep the images that they run, and 1 deleted and still there.',
    );
    expect(report(outcome([convergence('amber')], { leaving }))).toMatch(
      /Not as the files say: 1 deleted and still there\. Else converged/,
    );
  });
});
