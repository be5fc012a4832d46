import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Node, Parser } from 'commonmark';

const ROOT = resolve(__dirname, '../..');
const PAGES = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

function nodesOf(file: string, type: string): Node[] {
  const walker = new Parser().parse(readFileSync(join(ROOT, file), 'utf8')).walker();
  const found: Node[] = [];
  for (let event = walker.next(); event; event = walker.next()) {
    if (event.entering && event.node.type === type) found.push(event.node);
  }
  return found;
}

/** All that stands in a node. */
function textOf(node: Node): string {
  const below: string[] = [];
  for (let child = node.firstChild; child; child = child.next) below.push(textOf(child));
  return (node.literal ?? '') + below.join('');
}

/** What GitHub calls a heading in a link: https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsOf(file: string): Set<string> {
  return new Set(
    nodesOf(file, 'heading').map((heading) =>
      textOf(heading)
        .toLowerCase()
        .replaceAll(/[^\p{Letter}\p{Number}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

// Tables are none of CommonMark: what looks like a link in one is read as one all the same.
test.each(PAGES)('%s links to files and headings that are there', (page) => {
  const broken = nodesOf(page, 'link')
    .map(({ destination }) => destination ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = decodeURIComponent(link).split('#');
      const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
    });
  expect(broken).toEqual([]);
});
