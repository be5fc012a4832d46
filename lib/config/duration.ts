import { z } from 'zod';

const DURATION = /^(0|[1-9][0-9]{0,5}[smh])$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** A time as a person writes it: `90s`, `10m`, `1h`. */
export const duration = z
  .union([z.literal(0), z.string()], 'must be a time such as 90s, 10m or 1h')
  .refine((written) => DURATION.test(String(written)), 'must be a time such as 90s, 10m or 1h')
  .refine((written) => secondsOf(written) <= secondsOf('168h'), 'must be at most a week (168h)');

export function secondsOf(written: string | number): number {
  const text = String(written);
  return Number.parseInt(text, 10) * (SECONDS[text.at(-1) ?? ''] ?? 1);
}
