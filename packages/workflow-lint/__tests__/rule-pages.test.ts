import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../lib/rules';
import { PAGES, rulePages } from './rule-pages';

const STALE = 'run npm run rule-pages, and commit docs/lint';

test('every rule has a page, which is what the rules and the corpus generate', async () => {
  const pages = await rulePages();
  for (const { id } of RULES) expect([...pages.keys()]).toContain(`${id}.md`);
  for (const [file, text] of pages) {
    const path = join(PAGES, file);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      throw new Error(`docs/lint/${file} is not what the rules and the corpus say: ${STALE}`);
    }
  }
  const others = readdirSync(PAGES).filter((file) => !pages.has(file));
  if (others.length > 0) throw new Error(`docs/lint/${others[0]} is the page of no rule: ${STALE}`);
});
