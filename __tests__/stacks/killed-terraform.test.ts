import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
});
