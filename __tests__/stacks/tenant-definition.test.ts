import { join } from 'node:path';
import { readOperatorManifests } from '../../lib/stacks/operator-manifests';
import { tenantName } from '../../lib/tenant/names';
import { servicePath } from '../../lib/tenant/paths';

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly items: Schema;
  readonly pattern: string;
  readonly maxLength: number;
}

const definition = readOperatorManifests(join(__dirname, '../../operator/deploy')).find(
  ({ kind }) => kind === 'CustomResourceDefinition',
) as unknown as { readonly spec: { readonly versions: readonly { readonly schema: { openAPIV3Schema: Schema } }[] } };
const schema = definition.spec.versions[0]?.schema.openAPIV3Schema as Schema;

/** Whether the Tenant definition takes a text in a place of a Tenant. */
function takes(text: string, ...place: readonly string[]): boolean {
  const { pattern, maxLength } = place.reduce(
    (here, key) => (key === 'items' ? here.items : (here.properties[key] as Schema)),
    schema,
  );
  return new RegExp(pattern).test(text) && text.length <= maxLength;
}

describe('the Tenant definition takes what the files take, and nothing else', () => {
  test.each([
    ['/', true],
    ['/api', true],
    ['/api/v1.2/a_b~c-D', true],
    ['/.well-known/x', true],
    ['/..a', true],
    [`/${'a'.repeat(254)}`, true],
    [`/${'a'.repeat(255)}`, false],
    ['', false],
    ['api', false],
    ['/api/', false],
    ['//', false],
    ['/a//b', false],
    ['/.', false],
    ['/a/..', false],
    ['/../a', false],
    ['/a b', false],
    ['/a\n', false],
    ['/a%2fb', false],
    ['/a*', false],
    ['/ü', false],
  ])('as the path of a service: %j, %s', (path, taken) => {
    expect(servicePath.safeParse(path).success).toBe(taken);
    expect(takes(path, 'spec', 'services', 'items', 'path')).toBe(taken);
  });

  test.each([
    ['globex', true],
    ['a-1', true],
    ['a'.repeat(56), true],
    ['a'.repeat(57), false],
    ['a.b', false],
    ['a-', false],
    ['A', false],
  ])('as the name of a tenant, which becomes a namespace: %s, %s', (name, taken) => {
    expect(tenantName.safeParse(name).success).toBe(taken);
    expect(takes(name, 'metadata', 'name')).toBe(taken);
  });
});
