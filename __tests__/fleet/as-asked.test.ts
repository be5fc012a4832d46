import { isAsAsked } from '../../lib/fleet/as-asked';

const WANTED = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'x', labels: { app: 'x' } },
  spec: {
    replicas: 1,
    template: { spec: { containers: [{ name: 'main', image: 'a', args: ['one'], env: [{ name: 'A', value: '1' }] }] } },
    finalizers: ['keep'],
  },
};

/** With what the API server, and others, add. */
function live(): object {
  const object = { ...structuredClone(WANTED), status: { replicas: 1 } };
  set(object, 'metadata.uid', '1');
  set(object, 'metadata.labels.theirs', 'y');
  set(object, 'spec.strategy', { type: 'RollingUpdate' });
  set(object, `${CONTAINER}.imagePullPolicy`, 'Always');
  return object;
}

const CONTAINER = 'spec.template.spec.containers.0';

/** Sets what is at a path; without a value it is gone. */
function set(object: object, path: string, value?: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const at = keys.reduce((found, key) => Reflect.get(found, key), object);
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
}

describe('an object of the cluster', () => {
  test('is as it is asked for, whatever the API server and others have added', () => {
    expect(isAsAsked(WANTED, live())).toBe(true);
  });

  test.each<[string, string, unknown]>([
    ['a value that is another', 'spec.replicas', 2],
    ['a value of another type', 'spec.replicas', '1'],
    ['a value that is gone', 'metadata.labels.app', undefined],
    ['an element that is another', `${CONTAINER}.image`, 'b'],
    ['an element more', 'spec.template.spec.containers.1', { name: 'sidecar' }],
    ['an element less', 'spec.finalizers', []],
    [
      'an element before it',
      `${CONTAINER}.env`,
      [
        { name: 'B', value: '2' },
        { name: 'A', value: '1' },
      ],
    ],
    ['a map that is a list', 'spec.template', []],
    ['nothing of a map', 'spec', undefined],
  ])('is not with %s', (_, path, value) => {
    const object = live();
    set(object, path, value);
    expect(isAsAsked(WANTED, object)).toBe(false);
  });

  test('is not where it is not there', () => {
    expect(isAsAsked(WANTED, undefined)).toBe(false);
  });
});
