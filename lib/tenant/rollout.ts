import { z } from 'zod';
import { withApiRules } from './api-rules';
import type { Immutable } from './immutable';
import { ringName, text } from './names';

const WEEK = 7 * 24 * 60 * 60;

/** As many as a platform can have. */
export const MOST_RINGS = 32;

/** A share of the ring's tenants, or a number of them. */
export const atOnce = text('a number of tenants, or a share such as 10%')
  .regex(/^([1-9][0-9]{0,3}|([1-9][0-9]?|100)%)$/, 'must be a number from 1 to 9999, or a share from 1% to 100%')
  .max(4);

export const bakeSeconds = z
  .int('must be a whole number of seconds')
  .min(0, 'must be 0 or more')
  .max(WEEK, 'must be at most a week');

/** When a tenant takes new images. All that the operator needs to know of rings stands in each Tenant. */
export const rollout = withApiRules(
  z.strictObject({
    after: withApiRules(
      z
        .array(
          withApiRules(
            z.strictObject({
              ring: ringName.describe('Name of the earlier ring.'),
              bakeSeconds: bakeSeconds.describe(
                'Seconds for which the tenants of that ring must have been well before this tenant follows.',
              ),
            }),
            { 'x-kubernetes-map-type': 'atomic' },
          ),
        )
        .max(MOST_RINGS),
      { 'x-kubernetes-list-type': 'atomic' },
    ).describe('Earlier rings, in their order; empty for the first ring.'),
    atOnce: atOnce.describe(
      'How many tenants of the ring may roll at a time: a number ("5") or a share of the ring ("10%"), and at least one.',
    ),
    unproven: z
      .enum(['Hold', 'Allow'])
      .describe('Whether the tenant may take an image that no tenant of an earlier ring runs.'),
  }),
  { 'x-kubernetes-map-type': 'atomic' },
);

export type Rollout = Immutable<z.output<typeof rollout>>;
