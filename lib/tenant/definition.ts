import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { apiRules } from './api-rules';
import { tenantName } from './names';
import { tenantSpec } from './spec';
import { tenantStatus } from './status';

/** The file of the Tenant definition, which is applied with what the operator needs. */
export const DEFINITION_FILE = join(__dirname, '../../operator/deploy/crd.yaml');

const HEADER = `# What a tenant is, to Kubernetes. Generated from lib/tenant by "npm run schemas": change it there.
# There is no conversion yet, so there is one version.
`;

type Schema = z.core.JSONSchema.BaseSchema;

/** The schema of a part of a Tenant, as a CustomResourceDefinition has it: OpenAPI 3, and only what Kubernetes calls structural. */
export function apiSchema(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) =>
      void Object.assign(jsonSchema, apiRules.get(zodSchema as unknown as z.ZodType)),
  });
  return structural(rest);
}

/** What JSON Schema says in another way than a structural schema. */
function structural(schema: Schema): Schema {
  const [none, value] = (schema.anyOf ?? []) as Schema[];
  if (none?.const === '' && value) {
    const { anyOf: _, ...outer } = schema;
    return { ...outer, ...structural(value), pattern: `^$|${value.pattern}` };
  }
  // Unknown keys are cut off, which is how Kubernetes gives a definition room to grow; and a rule of CEL says "not", in words of its own.
  const { additionalProperties: _, not: __, properties, items, required, minimum, maximum, format, ...rest } = schema;
  const isInteger = schema.type === 'integer';
  return {
    ...rest,
    ...(isInteger && { format: format ?? 'int32' }),
    ...(!isInteger && format !== undefined && { format }),
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
    ...(required && { required }),
    ...(items !== undefined && { items: structural(items as Schema) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, structural(property as Schema)]),
      ),
    }),
  };
}

function tenantDefinition(): object {
  const { pattern, maxLength } = apiSchema(tenantName);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'tenants.tenantry.dev' },
    spec: {
      group: 'tenantry.dev',
      scope: 'Cluster',
      names: {
        kind: 'Tenant',
        listKind: 'TenantList',
        plural: 'tenants',
        singular: 'tenant',
        categories: ['tenantry'],
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: "One customer's environment, with every image pinned by digest.",
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object', properties: { name: { type: 'string', maxLength, pattern } } },
                spec: apiSchema(tenantSpec),
                status: apiSchema(tenantStatus),
              },
            },
          },
        },
      ],
    },
  };
}

const READY = '.status.conditions[?(@.type=="Ready")]';

/** What `kubectl get tenants` shows; with priority 1 only when asked for all. */
const COLUMNS = [
  { name: 'Ring', type: 'string', description: 'Ring of the tenant.', jsonPath: '.spec.ring' },
  { name: 'Release', type: 'string', description: "Release of the tenant's services.", jsonPath: '.spec.release' },
  {
    name: 'Ready',
    type: 'string',
    description: 'Whether every service runs its pinned digest and is available.',
    jsonPath: `${READY}.status`,
  },
  { name: 'Reason', type: 'string', description: 'Why the tenant is ready or not.', jsonPath: `${READY}.reason` },
  { name: 'Host', type: 'string', description: 'DNS name of the tenant.', jsonPath: '.spec.host' },
  {
    name: 'Message',
    type: 'string',
    description: 'What the reason means for this tenant.',
    jsonPath: `${READY}.message`,
    priority: 1,
  },
  {
    name: 'Decommission',
    type: 'boolean',
    description: 'Whether the tenant may be deleted.',
    jsonPath: '.spec.decommission',
    priority: 1,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** The text of the file. */
export function definitionText(): string {
  return HEADER + stringify(tenantDefinition(), { lineWidth: 0, aliasDuplicateObjects: false });
}

if (require.main === module) writeFileSync(DEFINITION_FILE, definitionText());
