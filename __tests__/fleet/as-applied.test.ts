import { isAsApplied } from '../../lib/fleet/as-applied';

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

/** Its fields as the API server notes them for who applied it. */
const OWNED = {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:finalizers': { 'v:"keep"': {} },
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"main"}': {
            '.': {},
            'f:name': {},
            'f:image': {},
            'f:args': {},
            'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
          },
        },
      },
    },
  },
};

/** With what the API server, and others, add. */
function live(owned: object = OWNED, manager = 'Terraform'): object {
  const managedFields = [
    { manager, fieldsV1: owned },
    { manager: 'kube-controller-manager', subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } },
    { manager: 'kubectl', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:theirs': {} } } } },
  ];
  const object = { ...structuredClone(WANTED), status: { replicas: 1 } };
  set(object, 'metadata.managedFields', managedFields);
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
  test('is as it would be applied, whatever the API server and others have added', () => {
    expect(isAsApplied(WANTED, live())).toBe(true);
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
    expect(isAsApplied(WANTED, object)).toBe(false);
  });

  test.each<[string, object]>([
    ['a field', { ...OWNED, 'f:spec': { ...OWNED['f:spec'], 'f:paused': {} } }],
    ['a label', { 'f:metadata': { 'f:labels': { 'f:app': {}, 'f:theirs': {} } } }],
    [
      'an element by its key',
      { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"old"}': {} } } } } },
    ],
    ['an element by its value', { 'f:spec': { 'f:finalizers': { 'v:"old"': {} } } }],
    ['something in a way that nobody knows', { 'f:spec': { 'i:0': {} } }],
  ])('is not where Terraform owns %s that is not asked for any more', (_, owned) => {
    expect(isAsApplied(WANTED, live(owned))).toBe(false);
  });

  test('is not where Terraform has never applied it', () => {
    expect(isAsApplied(WANTED, live(OWNED, 'kubectl'))).toBe(false);
    expect(isAsApplied(WANTED, {})).toBe(false);
  });
});
