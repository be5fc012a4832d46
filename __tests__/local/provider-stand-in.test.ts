import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

test('the tests of the provider stand-in, which are in Go, pass', () => {
  const folder = join(__dirname, '../../local/provider-stand-in');
  execFileSync('go', ['vet', './...'], { cwd: folder });
  expect(execFileSync('go', ['test', './...'], { cwd: folder, encoding: 'utf8' })).toMatch(/^ok /m);
});
