import { isDeepStrictEqual } from 'node:util';

/**
 * Whether what the cluster has has every value that is asked for; others may have added more. Lists as a whole: what somebody put into one is for a plan to
 * judge. It says no where it can't tell, such as at a quantity that the API server writes in another way.
 */
export function isAsAsked(wanted: unknown, live: unknown): boolean {
  if (Array.isArray(wanted)) {
    const isList = Array.isArray(live) && live.length === wanted.length;
    return isList && wanted.every((one, index) => isAsAsked(one, live[index]));
  }
  if (!isMap(wanted)) return isDeepStrictEqual(live, wanted);
  return isMap(live) && Object.entries(wanted).every(([key, value]) => isAsAsked(value, live[key]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
