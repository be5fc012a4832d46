import { type TerraformStack, Testing } from 'cdktf';
import fc from 'fast-check';
import type { Platform } from '../../lib/config/platform';
import type { Tenant } from '../../lib/config/tenant';
import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import type { LiveCluster } from '../../lib/fleet/live-cluster';
import { ImageSet } from '../../lib/images/image-set';
import { buildApp } from '../../lib/stacks/app';
import { literal, TokenInInput } from '../../lib/stacks/literal';
import { TerraformFolder } from '../terraform/terraform-folder';
import { imagesFor, PLATFORM, tenant } from './pinned-platform';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is what Terraform must not evaluate
/** Text that begins, ends or looks like a template of Terraform or a reference of cdktf, and any other. */
const hostile = fc.oneof(
  fc
    .array(fc.constantFrom('$', '%', '{', '}', '~', '"', '\\', 'a', '${', '%{', '$${', '%%{'), { maxLength: 8 })
    .map((parts) => parts.join('')),
  fc.constantFrom(
    'x/${filebase64("/etc/hostname")}',
    '%{ for x in ["a"] }%{ endfor }',
    '#{TfTok[TOKEN.0]}',
    '${TfToken',
    '${data.aws_eks_cluster.cluster.endpoint}',
  ),
  fc.string({ unit: 'binary' }),
);

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is what Terraform must not evaluate

/** A value with some of its strings replaced by hostile ones. */
function hostileIn<Value>(value: Value, keep: readonly string[] = []): fc.Arbitrary<Value> {
  const paths = stringsOf(value).filter((path) => !keep.includes(path.at(-1) as string));
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), hostile), { minLength: 1, maxLength: 6 })
    .map((edits) => edits.reduce((edited, [path, text]) => put(edited, path, text) as Value, value));
}

function stringsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => stringsOf(inner, [...path, key]));
}

function put(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(value))
    return value.map((inner, index) => (String(index) === key ? put(inner, rest, text) : inner));
  return { ...(value as object), [key]: put((value as Record<string, unknown>)[key], rest, text) };
}

/** Whether Terraform would evaluate anything in a string, apart from what the stacks themselves refer to. */
function isTemplate(text: string): boolean {
  return /\$\{|%\{/.test(text.replace(/\$\$\{|%%\{/g, ' ').replace(OURS, ''));
}

const OPERATOR: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenantry-system' } },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'policy', annotations: { note: 'text' } },
    spec: { validations: [{ expression: 'true', message: 'text' }] },
  } as KubernetesObject,
];

describe('what comes from outside', () => {
  test('is to Terraform itself what it is here, whatever it is, as a value and as a key', async () => {
    const terraform = await TerraformFolder.create();
    try {
      const texts = [...new Set(fc.sample(hostile, 3_000))].filter(
        (text) => !text.includes('TfToken[') && !/\p{Cs}/u.test(text),
      );
      const keys = Object.fromEntries(texts.map((text) => [text, true]));
      const applied = await terraform.apply({ output: literal({ texts: { value: texts }, keys: { value: keys } }) });
      expect(applied.errors).toEqual([]);
      // Terraform keeps texts in the normal form of Unicode.
      const normal = (all: readonly string[]) => all.map((text) => text.normalize('NFC'));
      const { texts: read, keys: readKeys } = (await terraform.outputs()) as { texts: string[]; keys: object };
      expect(read).toEqual(normal(texts));
      expect(new Set(Object.keys(readKeys))).toEqual(new Set(normal(texts)));
    } finally {
      terraform.remove();
    }
  });

  test('reaches Terraform literally from every string of every input', () => {
    const [amber, delta] = [tenant('amber', 'canary'), tenant('delta')];
    const services = delta.services.map((service) => ({ ...service, env: { LOG_LEVEL: 'info' } }));
    const tenants = [amber, { ...delta, services }];
    const images = imagesFor(tenants).images;
    // Of names the configuration is held against a pattern, since they are what things are called here.
    const inputs = fc.record({
      platform: hostileIn<Platform>(
        { ...PLATFORM, environment: 'production', cluster: { eks: 'acme', region: 'eu-west-1' } },
        ['name', '0'],
      ),
      kubeconfig: hostileIn<Platform>(PLATFORM, ['name', '0']),
      tenants: hostileIn<readonly Tenant[]>(tenants, ['name']),
      images: hostileIn(images, ['service', 'release', '0', '1']),
      operator: hostileIn<readonly KubernetesObject[]>(OPERATOR, ['apiVersion', 'kind', 'name']),
    });
    fc.assert(
      fc.property(inputs, ({ platform, kubeconfig, tenants, images, operator }) => {
        fc.pre(!JSON.stringify([platform, kubeconfig, tenants, images, operator]).includes('TfToken['));
        for (const one of [platform, kubeconfig]) {
          const live: LiveCluster = { tenants: [], objects: operator };
          const set = new ImageSet(one.registry, images);
          const deployment = { tenants, images: set, operatorManifests: operator, live };
          for (const stack of buildApp('/nowhere', one, deployment).node.children) {
            const text = Testing.synth(stack as TerraformStack);
            for (const [path, value] of evaluated(JSON.parse(text))) {
              if (isTemplate(value)) throw new Error(`${path}: ${value}`);
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('is refused where cdktf would take it for a reference of its own', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what cdktf would resolve
    expect(() => literal({ a: ['${TfToken[TOKEN.0]}'] })).toThrow(TokenInInput);
    expect(() => literal({ '&{TfToken[TOKEN.0]}': 1 })).toThrow(/is not allowed in any input/);
  });
});

/** References that the stacks make. What an input that looks the same becomes is told apart by its escapes. */
const OURS =
  /\$\{(data\.aws_eks_cluster\.cluster\.endpoint|base64decode\(data\.aws_eks_cluster\.cluster\.certificate_authority\[0\]\.data\)|aws_[a-z_]+\.[\w-]+\.\w+)\}/g;

/** Every string that Terraform evaluates, with its path; the backend's are none, nor are comments. */
function evaluated(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === '//' || key === 'backend') return [];
    return [[`${path} (key)`, key] as [string, string], ...evaluated(inner, `${path}.${key}`)];
  });
}
