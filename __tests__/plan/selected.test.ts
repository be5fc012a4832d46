import { planText } from '../../lib/plan/plan-text';
import { selected } from '../../lib/plan/selected';
import { manifest, type Planned, planText as planOf, resource } from './plan-file';
import { reported } from './reported';

const unchanged = (name: string): Planned => ({ applied: manifest(name), wanted: manifest(name) });
const renewed = (name: string): Planned => ({ applied: manifest(name), wanted: manifest(name, 'second') });
const deployment = resource('deployment', { actions: ['create'], before: null, after: { manifest: {} } });

describe('a plan of some tenants alone', () => {
  test('has nothing of the others in it, nor of what is no tenant', () => {
    const text = planOf({ amber: renewed('amber'), birch: renewed('birch') }, { others: [deployment] });
    const part = selected(reported(text), ['amber']);
    expect(part).toMatchObject({ verdict: 'changes', tenants: ['amber'], others: [] });
    expect(part.changes.map(({ tenant }) => tenant)).toEqual(['amber']);
    expect(part.waits.flatMap(({ tenants }) => tenants)).toEqual(['amber']);
    expect(part.unproven.flatMap(({ tenants }) => tenants)).toEqual(['amber', 'amber']);
  });

  test('is of no change where only others change', () => {
    const part = selected(reported(planOf({ amber: unchanged('amber'), birch: renewed('birch') })), ['amber']);
    expect(planText(part, new Date('2026-11-25T03:08:01Z'))).toMatch(
      /^Nothing would change in the stack tenants: amber is as it should be\./,
    );
  });

  test('is refused for what would be lost elsewhere: who deploys it deploys that too', () => {
    const lost = planOf({ amber: unchanged('amber'), birch: { applied: manifest('birch'), actions: ['delete'] } });
    const part = selected(reported(lost), ['amber']);
    expect(part.verdict).toBe('refused');
    expect(part.refusals).toHaveLength(1);
  });
});
