import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a page of docs has to be typed below a heading, block by block. A page that has no such heading, or no such blocks, throws. */
export function commandsBelow(page: string, heading: string): readonly string[] {
  const text = readFileSync(join(__dirname, '../../docs', page), 'utf8');
  const [, section = ''] = text.split(new RegExp(`^## ${heading}\n`, 'm'));
  const [own = ''] = section.split(/^## /m);
  const blocks = [...own.matchAll(/^( *)```sh\n([^`]+?)```/gm)].map(([, indent = '', lines = '']) =>
    lines.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  if (blocks.length === 0) throw new Error(`docs/${page} has nothing to be typed below "${heading}"`);
  return blocks;
}
