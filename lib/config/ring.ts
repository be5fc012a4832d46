import { z } from 'zod';
import { ringName } from '../tenant/names';
import { atOnce } from '../tenant/rollout';
import { duration, secondsOf } from './duration';

/** A ring, with its defaults filled in. */
export interface Ring {
  readonly name: string;
  /** For how long its tenants must have been well on new images before those of later rings take them. */
  readonly bakeSeconds: number;
  /** How many of its tenants may roll at a time: a number or a share of them. */
  readonly atOnce: string;
  /** Whether its tenants may take images that no tenant of an earlier ring runs. */
  readonly unproven: 'Hold' | 'Allow';
}

export const unproven = z.enum(['hold', 'allow'], 'must be hold or allow');

const numberAtOnce = z
  .int('must be a number of tenants, or a share such as 10%')
  .min(1, 'must be 1 or more')
  .max(9999, 'must be at most 9999');

const IN_WORDS = 'must be the name of a ring, or a map such as { name: canary, bake: 10m }';

/** A ring as a person writes it: its name alone, or with what is special about it. */
export const writtenRing = z.union(
  [
    ringName,
    z.strictObject({
      name: ringName.describe('Name of the ring.'),
      bake: duration
        .optional()
        .describe(
          'How long the tenants of this ring must have been well on new images before later rings take them: 90s, 10m, 1h. Default: 0.',
        ),
      atOnce: z
        .union([numberAtOnce, atOnce], 'must be a number of tenants, or a share such as 10%')
        .optional()
        .describe(
          'How many tenants of this ring may roll at a time: a number, or a share such as "10%". Default: 10%.',
        ),
      unproven: unproven
        .optional()
        .describe(
          'Whether tenants of this ring may take an image that no tenant of an earlier ring runs: allow, or hold. Default: hold.',
        ),
    }),
  ],
  IN_WORDS,
);

export type WrittenRing = z.output<typeof writtenRing>;

export function ringNameOf(written: WrittenRing): string {
  return typeof written === 'string' ? written : written.name;
}

export function ringOf(written: WrittenRing): Ring {
  const { name, bake = 0, atOnce = '10%', unproven } = typeof written === 'string' ? { name: written } : written;
  return {
    name,
    bakeSeconds: secondsOf(bake),
    atOnce: String(atOnce),
    unproven: unproven === undefined ? 'Hold' : policyOf(unproven),
  };
}

/** In the words of the Tenant definition. */
export function policyOf(written: z.output<typeof unproven>): 'Hold' | 'Allow' {
  return written === 'allow' ? 'Allow' : 'Hold';
}
