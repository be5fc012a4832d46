import type { Lab } from './lab';
import type { Moment, Write } from './writes';

/** A write, in words that are the same for every tenant, and when at it the operator is killed. */
export interface Point {
  readonly what: string;
  readonly moment: Moment;
}

/** A write in words that are the same for every tenant. */
export function worded({ system, what }: Write, name: string): string {
  return `${system}: ${what.replace(new RegExp(`(?<![a-z0-9])(tenant[-_]|login2_)?${name}(?![a-z0-9])`, 'g'), '$1TENANT')}`;
}

/** Kills the operator at that point of this tenant's; tells whether it did. */
export function crashAt(lab: Lab, point: Point, name: string): () => boolean {
  let crashed = false;
  lab.writes.reset();
  lab.writes.intercept((write, _, moment) => {
    if (crashed || moment !== point.moment || worded(write, name) !== point.what) return 'pass';
    crashed = true;
    lab.kill();
    return 'cut';
  });
  return () => crashed;
}
