import { isDeepStrictEqual } from 'node:util';

/** Whether two IAM policies say the same: a list of one is as good as that one, and no list has an order. */
export function sameDocument(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(plain(one), plain(other));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length === 1) return plain(value[0]);
    return value.map(plain).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
