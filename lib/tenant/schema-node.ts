import type { z } from 'zod';

/** What is needed of zod's schemas to walk along them. */
export interface SchemaNode {
  readonly _zod: {
    readonly def: {
      readonly shape?: Readonly<Record<string, SchemaNode>>;
      readonly valueType?: SchemaNode;
      readonly element?: SchemaNode;
      readonly innerType?: SchemaNode;
      readonly options?: readonly SchemaNode[];
      readonly type?: string;
    };
  };
}

/** The schema itself, without what says that it may be missing. */
export function unwrapped(schema: z.ZodType | SchemaNode): SchemaNode {
  const { innerType } = (schema as SchemaNode)._zod.def;
  return innerType ? unwrapped(innerType) : (schema as SchemaNode);
}
