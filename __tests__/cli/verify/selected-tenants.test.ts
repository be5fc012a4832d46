import { selectedTenants } from '../../../cli/verify/selected-tenants';
import { PLATFORM, tenant } from '../../stacks/pinned-platform';

const configuration = {
  platform: PLATFORM,
  tenants: [tenant('amber', 'canary'), tenant('birch', 'canary'), tenant('cedar')],
};
const selected = (selection: Parameters<typeof selectedTenants>[1]) =>
  selectedTenants(configuration, selection).map(({ name }) => name);

describe('the tenants that are verified', () => {
  test('are all, or those of a ring, or those that are named, or both', () => {
    expect(selected({})).toEqual(['amber', 'birch', 'cedar']);
    expect(selected({ ring: 'canary' })).toEqual(['amber', 'birch']);
    expect(selected({ tenant: ['cedar', 'amber'] })).toEqual(['amber', 'cedar']);
    expect(selected({ ring: 'canary', tenant: ['birch'] })).toEqual(['birch']);
    expect(selected({ ring: 'early' })).toEqual([]);
  });

  test.each([
    [{ ring: 'canry' }, '--ring canry: there is no such ring; did you mean "canary"?'],
    [{ tenant: ['amber', 'brich'] }, '--tenant brich: there is no such tenant; did you mean "birch"?'],
    [{ ring: 'canary', tenant: ['cedar'] }, '--tenant cedar: it is in the ring general, not in canary'],
  ])('cannot be %j', (selection, message) => {
    expect(() => selected(selection)).toThrow(message);
  });
});
