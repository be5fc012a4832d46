import { fromText } from '../../lib/config/origins';
import type { Setting } from '../../lib/fleet/setting';
import { plainText, visibleUpTo } from '../../lib/text/harmless';
import { table } from '../table';

/** Of a value; --json has all of it. */
const LONGEST = 60;

/** Every setting with the line that it comes from: a table for each tenant, and for each of its services. */
export function settingsText(settings: readonly Setting[]): string {
  const blocks = new Map<string, Setting[]>();
  for (const setting of settings) {
    const heading = plainText([setting.tenant, ...(setting.service === undefined ? [] : [setting.service])].join(' '));
    blocks.set(heading, [...(blocks.get(heading) ?? []), setting]);
  }
  return [...blocks]
    .map(([heading, rows]) => {
      const differs = rows.some(({ live }) => live !== undefined);
      const head = ['SETTING', 'VALUE', 'FROM', ...(differs ? ['IN THE CLUSTER'] : [])];
      const cells = rows.map(({ field, value, from, live }) => [
        plainText(field),
        shown(value),
        plainText(fromText(from)),
        ...(differs ? [live === undefined ? '' : shown(live)] : []),
      ]);
      const lines = table(head, cells).split('\n');
      return [heading, ...lines.map((line) => `  ${line}`)].join('\n');
    })
    .join('\n\n');
}

function shown(value: string): string {
  return value === '' ? 'none' : visibleUpTo(LONGEST, value);
}
