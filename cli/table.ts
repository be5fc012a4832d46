import Table from 'cli-table3';

/** A table for people: aligned columns, no frame, so that it can be read, copied and searched. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const frame = Object.fromEntries(
    ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) => [
      [side, ''],
      [`${side}-mid`, ''],
      [`${side}-left`, ''],
      [`${side}-right`, ''],
    ]),
  );
  const chars = { ...frame, 'left-mid': '', 'mid-mid': '', 'right-mid': '', middle: '  ' };
  const drawn = new Table({
    head: [...head],
    chars,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

/** As git shows a commit, and docker a digest: enough to find it by. */
export function short(commitOrDigest: string): string {
  return commitOrDigest.replace(/^sha256:/, '').slice(0, 12);
}
