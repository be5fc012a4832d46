import type { z } from 'zod';
import { rangeProblem } from '../tenant/address-range';
import { rangeOf } from '../tenant/egress';

/** Refuses a range that is named by an address in its middle. The Tenant definition takes it: there may be Tenants that have one. */
export function wholeRange<Schema extends z.ZodType<string>>(schema: Schema): Schema {
  return schema.superRefine((entry, context) => {
    const range = schema.safeParse(entry).success ? rangeOf(entry) : undefined;
    const message = range && rangeProblem(range);
    if (message) context.addIssue({ code: 'custom', message });
  });
}
