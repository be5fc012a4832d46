import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser } from 'commonmark';
import { addToStepSummary, stepSummary } from '../../../cli/verify/step-summary';
import { convergence, NASTY, outcome, stuck } from './outcomes';

const MiB = 1024 * 1024;
const many = (count: number, evidence = 'x'.repeat(300)) =>
  outcome(Array.from({ length: count }, (_, index) => stuck(`tenant${index}`, { evidence })));

describe('the summary of a step', () => {
  test('is one line where all is well', () => {
    expect(stepSummary(outcome([convergence('amber')]))).toBe(
      '### tenantry verify\n\n✅ Converged: 1 of 1 tenants are on the images of this run, ready and healthy.\n\n',
    );
  });

  test('is a table of those that are stuck, and of those that have no file', () => {
    const strays = [{ tenant: 'zinc', message: 'is in use and has no file.' }];
    const text = stepSummary(outcome([convergence('amber'), stuck('birch', { stalled: true })], { strays }));
    expect(text).toContain('❌ Not converged: 1 of 2 tenants; a person is needed, and 1 live without a file.');
    expect(text.match(/<tr>.*<\/tr>/g)).toEqual([
      '<tr><th>Tenant</th><th>Ring</th><th>Stuck at</th><th>Reason</th><th>Evidence</th></tr>',
      '<tr><td><code>birch</code></td><td><code>general</code></td><td><code>ready, stalled</code></td><td><code>RolloutInProgress</code></td><td><code>web: 1 of 2 pods</code></td></tr>',
      '<tr><td><code>zinc</code></td><td></td><td><code>no file</code></td><td></td><td><code>is in use and has no file.</code></td></tr>',
    ]);
  });

  test('has what others have said as text: no HTML, no Markdown, no link', () => {
    const text = stepSummary(outcome([stuck('amber', { evidence: NASTY, reason: NASTY })]));
    const types: string[] = [];
    let table = '';
    const walker = new Parser().parse(text).walker();
    for (let event = walker.next(); event; event = walker.next()) {
      if (!event.entering) continue;
      types.push(event.node.type);
      if (event.node.type === 'html_block') table += event.node.literal;
    }
    expect(types).toEqual(['document', 'heading', 'text', 'paragraph', 'text', 'html_block']);
    expect([...new Set(table.match(/<\/?[^>]*>/g))].sort()).toEqual(
      ['table', 'tr', 'th', 'td', 'code'].flatMap((tag) => [`<${tag}>`, `</${tag}>`]).sort(),
    );
    expect(table).toContain('&lt;script&gt;');
  });

  test('has as many rows as anybody would read, and says how many more there are', () => {
    const text = stepSummary(many(1000));
    expect(text.match(/<tr><td>/g)).toHaveLength(200);
    expect(text).toContain('... and 800 more');
  });

  test.each([MiB, 50_000, 1_000, 100, 0, -5])('fits where %i bytes are left', (room) => {
    for (const text of [stepSummary(many(1000), room), stepSummary(outcome([convergence('amber')]), room)]) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(0, room));
      expect(text.match(/<table>/g)?.length).toBe(text.match(/<\/table>/g)?.length);
    }
  });

  test('is added to what the step has said, up to a MiB together: GitHub would drop all of it else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenantry-summary-'));
    const file = join(folder, 'summary');
    addToStepSummary(file, outcome([convergence('amber')]));
    addToStepSummary(file, many(1));
    expect(readFileSync(file, 'utf8').match(/### tenantry verify/g)).toHaveLength(2);

    writeFileSync(file, 'x'.repeat(MiB - 2_000));
    for (let times = 0; times < 5; times++) addToStepSummary(file, many(1000));
    expect(readFileSync(file).length).toBeLessThanOrEqual(MiB);
    expect(readFileSync(file, 'utf8')).toContain('### tenantry verify');
    rmSync(folder, { recursive: true });
  });
});
