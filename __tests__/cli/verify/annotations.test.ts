import { annotations } from '../../../cli/verify/annotations';
import { convergence, NASTY, outcome, stuck } from './outcomes';

describe('a run of GitHub Actions', () => {
  test('is not marked where all is well', () => {
    expect(annotations(outcome([convergence('amber')]))).toEqual([]);
  });

  test('is marked with each tenant that is stuck, and each that has no file', () => {
    const strays = [{ tenant: 'zinc', message: 'is in use and has no file.' }];
    expect(annotations(outcome([convergence('amber'), stuck('birch')], { strays }))).toEqual([
      '::error title=birch (general) has not converged::stuck at ready: RolloutInProgress: web: 1 of 2 pods',
      '::error title=zinc has no file::zinc is in use and has no file.',
    ]);
  });

  test('is marked ten times at most, and then first with how many there are', () => {
    const lines = annotations(outcome(Array.from({ length: 11 }, (_, index) => stuck(`tenant${index}`))));
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe(
      '::error title=Tenants have not converged::Not converged after 12 of 12 attempts (58 s): 11 of 11 tenants.',
    );
  });

  test('is told what others have said as text, not as commands', () => {
    const evidence = `50%\r\n${NASTY}`;
    const [line = ''] = annotations(outcome([stuck('a,b::c', { evidence })]));
    expect(line).not.toMatch(/[\r\n]/);
    expect(line).toContain('::error title=a%2Cb%3A%3Ac (general) has not converged::stuck at');
    // What the runner makes of it again.
    const data = line.slice(line.indexOf('::', 2) + 2);
    expect(data.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')).toContain(evidence);
  });

  test('is told no more than GitHub shows of a text', () => {
    const [line = ''] = annotations(outcome([stuck('amber', { evidence: 'x'.repeat(10_000) })]));
    expect(line.length).toBeLessThan(4096 + 100);
  });
});
