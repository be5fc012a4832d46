import type { Divergence } from '../lib/fleet/divergence';

/** A line each, for people. */
export function divergenceLines(divergences: readonly Divergence[]): string[] {
  return divergences.map(({ tenant, service, message }) => {
    const what = service === undefined ? tenant : `${tenant} ${service}`;
    return `  ${what} ${message}`;
  });
}
