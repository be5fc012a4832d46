import { pinsOf } from '../../cli/freeze/pins';
import { WrongOption } from '../../cli/wrong-option';
import { load } from '../config/configuration-files';

const configuration = load({ 'tenants/hooli.yaml': 'host: hooli.example.com\n' });
const COMMIT = 'a1b2c3d4';

describe('what tenantry freeze --pin asks for', () => {
  test('is the commit for every tenant', () => {
    expect(pinsOf([`apiserver=${COMMIT}`, `web-client=${COMMIT.toUpperCase()}`], [], configuration)).toEqual([
      { service: 'apiserver', commit: COMMIT, tenants: ['globex', 'hooli'] },
      { service: 'web-client', commit: COMMIT, tenants: ['globex', 'hooli'] },
    ]);
  });

  test('is the commit for the tenants that are named', () => {
    expect(pinsOf([`apiserver=${COMMIT}`], ['hooli'], configuration)).toMatchObject([{ tenants: ['hooli'] }]);
  });

  test("may be about the operator, which is everybody's", () => {
    expect(pinsOf([`operator=${COMMIT}`], [], configuration)).toMatchObject([{ service: 'operator', tenants: [] }]);
    expect(() => pinsOf([`operator=${COMMIT}`], ['hooli'], configuration)).toThrow('leave --tenant out');
  });

  test.each([
    [['apiserver'], [], '--pin apiserver: is not of the form <service>=<commit>'],
    [['apiserver='], [], '--pin apiserver=: is not of the form'],
    [['a=b=c'], [], '--pin a=b=c: is not of the form'],
    [['apiservr=a'], [], '--pin apiservr=a: there is no service "apiservr"; did you mean "apiserver"?'],
    [['apiserver=a', 'apiserver=b'], [], '--pin apiserver=b: apiserver is pinned twice. Give it once'],
    [['apiserver=a', 'apiserver=a'], ['hooli'], '--pin apiserver=a: apiserver is pinned twice'],
    [['apiserver=a'], ['holi'], '--tenant holi: there is no such tenant; did you mean "hooli"?'],
    [[], ['hooli'], '--tenant hooli: narrows down --pin, which is missing'],
  ])('is refused where it is %p for %p', (pins, tenants, message) => {
    expect(() => pinsOf(pins, tenants, configuration)).toThrow(WrongOption);
    expect(() => pinsOf(pins, tenants, configuration)).toThrow(message);
  });
});
