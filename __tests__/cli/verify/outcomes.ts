import type { Outcome } from '../../../cli/verify/outcome';
import type { Convergence } from '../../../lib/fleet/convergence';

export function convergence(tenant: string, changes: Partial<Convergence> = {}): Convergence {
  const good = {
    ring: 'general',
    converged: true,
    stalled: false,
    reason: 'Ready',
    message: '',
    evidence: '',
    services: [],
  };
  return { tenant, ...good, ...changes };
}

export function stuck(tenant: string, changes: Partial<Convergence> = {}): Convergence {
  const bad = { converged: false, step: 'ready', reason: 'RolloutInProgress', evidence: 'web: 1 of 2 pods' } as const;
  return convergence(tenant, { ...bad, ...changes });
}

export function outcome(tenants: readonly Convergence[], changes: Partial<Outcome> = {}): Outcome {
  const verification = { tenants, attempt: 12, attempts: 12, seconds: 58 };
  return { behind: [], strays: [], leaving: [], verification, ...changes };
}

/** Text that tries whatever may be tried on whoever shows it. */
export const NASTY = [
  '::error::x',
  '%0A::add-mask::secret',
  '##[error]x',
  '</code></td></table><script>alert(1)</script>',
  '![x](https://evil.example/x.png) [y](javascript:z) `code` **bold** | cell @everyone #1',
  '&lt;b&gt; "quoted" \'too\'',
].join(' ');
