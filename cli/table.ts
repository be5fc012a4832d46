import Table from 'cli-table3';

/** A table for people: aligned columns, no frame, so that it can be read, copied and searched. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const sides = ['top', 'bottom', 'left', 'right', 'mid'];
  const frame = sides.flatMap((side) => [side, `${side}-left`, `${side}-mid`, `${side}-right`]);
  const chars = { ...Object.fromEntries(frame.map((part) => [part, ''])), middle: '  ' };
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
