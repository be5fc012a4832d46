import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { platformFile } from './platform-file';
import { tenantFile } from './tenant-file';

/** JSON Schemas for editors, by file name in this folder: what the yaml-language-server comments of the YAML files name. */
export const EDITOR_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  'platform.schema.json': platformFile,
  'tenant.schema.json': tenantFile,
};

/** The text of one schema's file. It describes what a person may write, so defaults are optional. */
export function editorSchema(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', override: withoutNot }), null, 2)}\n`;
}

/** Says "but not" in the pattern itself, for editors show which pattern a text is not like, and of a "not" nothing. */
function withoutNot({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { not, pattern } = jsonSchema;
  if (typeof not !== 'object' || not.pattern === undefined || pattern === undefined) return;
  delete jsonSchema.not;
  jsonSchema.pattern = `^(?!.*(${not.pattern}))(${pattern})`;
}

if (require.main === module) {
  for (const [name, schema] of Object.entries(EDITOR_SCHEMAS))
    writeFileSync(join(__dirname, name), editorSchema(schema));
}
