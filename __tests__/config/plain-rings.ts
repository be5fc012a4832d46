import { type Ring, ringOf } from '../../lib/config/ring';

/** Rings of which nothing but their names is said. */
export function plainRings(...names: readonly string[]): Ring[] {
  return names.map(ringOf);
}
