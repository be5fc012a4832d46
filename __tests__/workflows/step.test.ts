import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settle } from '../../lib/run-report/aftermath';
import { RunFolder } from '../../lib/run-report/run-folder';
import { until } from '../until';
import { ROOT } from './workflow-files';

/** Notes what it is told, and takes its time to end, as Terraform does. Stops at once when it is told twice. */
const TERRAFORM = `#!/usr/bin/env node
const { appendFileSync } = require('node:fs');
const note = (text) => appendFileSync(process.env.NOTES, text + '\\n');
let told = 0;
process.on('SIGINT', () => {
  note('INT');
  if (++told === 2) process.exit(1);
  setTimeout(() => { note('saved'); process.exit(1); }, Number(process.env.SAVING));
});
process.on('SIGTERM', () => note('TERM'));
note('at work');
setInterval(() => {}, 1000);
`;

describe('a step of a run', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-step-'));
    writeFileSync(join(folder, 'terraform'), TERRAFORM);
    chmodSync(join(folder, 'terraform'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const notes = () =>
    existsSync(join(folder, 'notes')) ? readFileSync(join(folder, 'notes'), 'utf8').split('\n') : [];
  const isAtWork = () => until('Terraform is at work', () => notes().includes('at work'));
  const folderOfRun = () => new RunFolder(join(folder, 'run'));
  /** Runs a command that knows Terraform as cdktf does. */
  const step = (script: string, saving: number): ChildProcess =>
    spawn(process.execPath, [join(ROOT, 'cli/tenantry.js'), 'report', 'step', 'deploy', '--', 'sh', '-c', script], {
      cwd: folder,
      env: {
        ...process.env,
        TENANTRY_RUN: join(folder, 'run'),
        TERRAFORM_BINARY_NAME: join(folder, 'terraform'),
        NOTES: join(folder, 'notes'),
        SAVING: String(saving),
      },
    });

  test('interrupts Terraform once, however often it is told to end, and starts no other', async () => {
    const shell = step('"$TERRAFORM_BINARY_NAME"; "$TERRAFORM_BINARY_NAME"', 2_000);
    await isAtWork();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) shell.kill(signal);
    const [code] = await once(shell, 'exit');

    expect(code).toBe(130);
    expect(notes()).toEqual(['at work', 'INT', 'saved', '']);
  });

  test('that is killed leaves Terraform to finish, and the report waits for that', async () => {
    const shell = step('"$TERRAFORM_BINARY_NAME"', 3_000);
    await isAtWork();
    shell.kill('SIGINT');
    await until('Terraform is told', () => notes().includes('INT'));
    shell.kill('SIGKILL');
    await once(shell, 'exit');
    expect(notes()).not.toContain('saved');

    expect(await settle(folderOfRun())).toEqual({ interrupted: true, abandoned: false });
    expect(notes()).toEqual(['at work', 'INT', 'saved', '']);
  });

  test('that was killed before it could tell anybody is ended by the report', async () => {
    const shell = step('"$TERRAFORM_BINARY_NAME"', 0);
    await isAtWork();
    shell.kill('SIGKILL');
    await once(shell, 'exit');

    expect(await settle(folderOfRun())).toEqual({ interrupted: true, abandoned: false });
    expect(notes()).toEqual(['at work', 'INT', 'saved', '']);
  });

  test('is interrupted a second time when the report can wait no longer', async () => {
    const shell = step('"$TERRAFORM_BINARY_NAME"', 60_000);
    await isAtWork();
    shell.kill('SIGINT');

    expect(await settle(folderOfRun(), 2)).toEqual({ interrupted: true, abandoned: true });
    expect(notes()).toEqual(['at work', 'INT', 'INT', '']);
  });

  test('keeps Terraform where whoever started it dies, as cdktf may, and ends with what it was', async () => {
    const shell = step('"$TERRAFORM_BINARY_NAME" & while ! grep -q work "$NOTES"; do sleep 0.1; done; kill -9 $$', 500);
    const [code] = await once(shell, 'exit');

    expect(code).toBe(137);
    expect(notes()).toEqual(['at work', 'INT', 'saved', '']);
  });

  test('that runs no Terraform is ended itself', async () => {
    const shell = step('echo at work > "$NOTES"; sleep 60', 0);
    await isAtWork();
    shell.kill('SIGINT');
    const [code] = await once(shell, 'exit');

    expect(code).toBe(130);
    expect(await settle(folderOfRun())).toEqual({ interrupted: false, abandoned: false });
  });

  test('that never began is no matter to the report', async () => {
    expect(await settle(folderOfRun())).toEqual({ interrupted: false, abandoned: false });
  });
});
