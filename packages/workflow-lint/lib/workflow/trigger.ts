import type { Place } from '../finding';
import { matchesPatterns } from './filter-pattern';
import type { Part } from './part';

/** One event of `on:`, with its filters. */
export class Trigger {
  constructor(
    readonly event: string,
    readonly place: Place,
    private readonly part: Part | undefined,
  ) {}

  /** What stands under a filter such as `branches`; undefined where it is not there. */
  filter(name: string): Part | undefined {
    return this.part?.get(name);
  }

  list(name: string): readonly Part[] {
    return this.filter(name)?.items ?? [];
  }

  /** Can a run start for this branch? A push filter of tags alone leaves branches out. */
  takesBranch(name: string): boolean {
    const branches = this.filter('branches');
    if (branches) return matchesPatterns(branches.texts, name);
    const ignored = this.filter('branches-ignore');
    if (ignored) return !matchesPatterns(ignored.texts, name);
    return this.event !== 'push' || !this.takesTags;
  }

  get takesTags(): boolean {
    return this.filter('tags') !== undefined || this.filter('tags-ignore') !== undefined;
  }

  /** The kinds of the event that start a run; undefined for all. */
  get types(): readonly string[] | undefined {
    return this.filter('types')?.texts;
  }
}
