import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mend, refuseUnmended } from '../../lib/cdktf-cli/killed-terraform';

const ROOT = join(__dirname, '../..');

/** One resource whose creation says which process Terraform is, and then takes long. */
const APP = `
const { App, DataResource, TerraformStack } = require('cdktf');
const app = new App();
const command = 'echo terraform=$PPID; sleep 20';
new DataResource(new TerraformStack(app, 'slow'), 'slow', { provisioners: [{ type: 'local-exec', command }] });
app.synth();
`;

describe('cdktf deploy', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-killed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('fails when its Terraform is killed', async () => {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'app.js'), APP);
    const settings = { language: 'typescript', app: 'node app.js', projectId: 'killed', sendCrashReports: 'false' };
    writeFileSync(join(folder, 'cdktf.json'), JSON.stringify(settings));
    const args = ['cdktf', 'deploy', 'slow', '--auto-approve', '--skip-provider-lock'];
    const env = { ...process.env, CI: 'true', CHECKPOINT_DISABLE: '1', DISABLE_VERSION_CHECK: '1' };
    const deploy = spawn('npx', args, { cwd: folder, env });
    let output = '';
    for (const stream of [deploy.stdout, deploy.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const [, pid] = /terraform=(\d+)/.exec(output) ?? [];
        if (pid && !killed) killed = process.kill(Number(pid), 'SIGKILL');
      });
    }
    let killed = false;
    const [code] = await once(deploy, 'close');

    expect(killed).toBe(true);
    expect(output).toContain('Invoking Terraform CLI failed with exit code 137');
    expect(code).toBe(1);
  });

  test('is mended when packages are installed, and refused to the synth until it is', () => {
    const terminal = 'node_modules/@cdktf/node-pty-prebuilt-multiarch/lib/terminal.js';
    const mended = readFileSync(join(ROOT, terminal), 'utf8');
    const original = mended.replace('signal ? 128 + signal : exitCode', 'exitCode');
    expect(original).not.toBe(mended);
    const files = { 'package.json': '{}', 'node_modules/cdktf-cli/package.json': '{}', [terminal]: original };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }

    expect(() => refuseUnmended(folder)).toThrow(/packages were installed without scripts. Run "npm run postinstall"/);
    mend(folder);
    mend(folder);
    refuseUnmended(folder);
    expect(readFileSync(join(folder, terminal), 'utf8')).toBe(mended);
  });

  test('is not mended by guess where another version is installed', () => {
    const terminal = join(folder, 'node_modules/@cdktf/node-pty-prebuilt-multiarch/lib/terminal.js');
    for (const file of [join(folder, 'node_modules/cdktf-cli/package.json'), join(folder, 'package.json'), terminal]) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, '{}');
    }
    expect(() => mend(folder)).toThrow(/this version of @cdktf\/node-pty-prebuilt-multiarch is not known/);
    expect(readFileSync(terminal, 'utf8')).toBe('{}');
  });

  test('is mended by the very script that npm runs', async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: { postinstall: string };
    };
    const [program = '', ...args] = scripts.postinstall.split(' ');
    const [error] = await new Promise<[Error | null]>((resolve) => {
      execFile(program, args, { cwd: ROOT }, (error) => resolve([error]));
    });
    expect(error).toBeNull();
    refuseUnmended(ROOT);
  });
});
