import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GOOD_PLATFORM, GOOD_TENANT } from '../config/configuration-files';
import { until } from '../until';
import { ROOT } from '../workflows/workflow-files';

const TENANTRY = join(ROOT, 'cli/tenantry.js');
const DEPLOY = ['deploy', '--skip-synth', '--auto-approve'];

/** Terraform itself, on stacks of what it brings along, in the place of those of a synth. */
describe('tenantry deploy', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-deploy-')));
    mkdirSync(join(root, 'tenants'));
    writeFileSync(join(root, 'platform.yaml'), GOOD_PLATFORM);
    writeFileSync(join(root, 'tenants/globex.yaml'), GOOD_TENANT);
    synth('operator', 'a');
    synth('tenants', 'a');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const folder = (stack: string) => join(root, 'cdktf.out/stacks', stack);
  const stateOf = (stack: string) => join(root, `${stack}.tfstate`);
  const deployed = (stack: string): string | undefined => {
    const file = stateOf(stack);
    if (!existsSync(file)) return undefined;
    return JSON.parse(readFileSync(file, 'utf8')).outputs.version?.value;
  };

  /** What a synth would leave: nothing of the stack's folder before stays. */
  function synth(stack: string, version: string, slow?: string): void {
    rmSync(folder(stack), { recursive: true, force: true });
    mkdirSync(folder(stack), { recursive: true });
    const provisioner = slow ? { provisioner: { 'local-exec': { command: slow } } } : {};
    const stackText = {
      terraform: { backend: { local: { path: stateOf(stack) } } },
      resource: { terraform_data: { one: { triggers_replace: version, ...provisioner } } },
      output: { platform: { value: 'acme' }, version: { value: version } },
    };
    writeFileSync(join(folder(stack), 'cdk.tf.json'), JSON.stringify(stackText));
  }

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { PLATFORM: _, CDKTF_OUTDIR: __, ...own } = process.env;
    const child = spawn(process.execPath, [TENANTRY, ...args], {
      cwd: root,
      env: { ...own, CHECKPOINT_DISABLE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => printed.push(String(text)));
    return { child, printed: () => printed.join('') };
  }

  async function run(args: readonly string[], env?: NodeJS.ProcessEnv) {
    const { child, printed } = start(args, env);
    const [status] = await once(child, 'close');
    return { status, output: printed() };
  }

  /** A Terraform that notes how it is called. */
  function noting(before = ''): NodeJS.ProcessEnv {
    const file = join(root, 'terraform');
    writeFileSync(file, `#!/bin/sh\necho "$2 $1" >> ${join(root, 'calls')}\n${before}\nexec terraform "$@"\n`);
    chmodSync(file, 0o755);
    return { TERRAFORM_BINARY_NAME: file };
  }
  const calls = () =>
    readFileSync(join(root, 'calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replace(/ -chdir=.*\//, ' '))
      .filter((call) => !call.startsWith('init'));

  test('deploys the operator, then the tenants', async () => {
    const { status, output } = await run(DEPLOY);
    expect({ status, output }).toMatchObject({ status: 0 });
    expect([deployed('operator'), deployed('tenants')]).toEqual(['a', 'a']);
    expect(output.indexOf('operator  Plan:')).toBeLessThan(output.indexOf('tenants  Plan:'));
  });

  test('plans and applies each once, by the plan that was shown before', async () => {
    const env = noting();
    await run(['deploy', 'operator', '--skip-synth', '--auto-approve']);
    expect((await run(['plan', '--run', '--skip-synth'], env)).status).toBe(0);
    expect((await run(DEPLOY, env)).status).toBe(0);
    expect(deployed('tenants')).toBe('a');
    const shown = 'show tenants';
    expect(calls()).toEqual([
      'plan tenants',
      shown,
      'plan operator',
      'show operator',
      'apply operator',
      shown,
      'apply tenants',
    ]);
  });

  test('plans the tenants anew where the operator was changed after they were planned', async () => {
    const env = noting();
    await run(['plan', '--run', '--skip-synth']);
    expect((await run(DEPLOY, env)).status).toBe(0);
    expect(calls().filter((call) => call.endsWith('tenants'))).toEqual([
      'plan tenants',
      'show tenants',
      'apply tenants',
    ]);
  });

  test('changes nothing, and says so, where nothing is to change', async () => {
    await run(DEPLOY);
    const before = readFileSync(stateOf('tenants'), 'utf8');
    synth('operator', 'a');
    synth('tenants', 'a');
    const { status, output } = await run(DEPLOY);
    expect(status).toBe(0);
    expect(output).toMatch(
      /operator {2}No changes\.[\s\S]* 0 changed, 0 destroyed\.[\s\S]*tenants {2}No changes\.[\s\S]* 0 changed, 0 destroyed\./,
    );
    expect(readFileSync(stateOf('tenants'), 'utf8')).toBe(before);
  });

  test('fails where somebody else deployed after the plan, and deploys nothing over that', async () => {
    await run(DEPLOY);
    synth('tenants', 'b');
    await run(['plan', '--run', '--skip-synth']);
    const theirs = join(folder('tenants'), 'plan');
    const kept = readFileSync(theirs);
    synth('tenants', 'c');
    await run(DEPLOY);
    synth('tenants', 'b');
    await run(['plan', '--run', '--skip-synth']);
    writeFileSync(theirs, kept);

    const { status, output } = await run(DEPLOY);
    expect(status).toBe(2);
    expect(output).toContain('Saved plan is stale');
    expect(output).toContain('tenants  terraform apply failed with exit code 1');
    expect(deployed('tenants')).toBe('c');
  });

  test('goes no further where a stack fails, and ends with 2', async () => {
    synth('operator', 'a', 'exit 3');
    const { status, output } = await run(DEPLOY);
    expect(status).toBe(2);
    expect(output).toContain('Error: local-exec provisioner error');
    expect(deployed('tenants')).toBeUndefined();
  });

  test('fails where Terraform is killed, and says by what', async () => {
    const { status, output } = await run(DEPLOY, noting('[ "$2" = apply ] && kill -9 $$'));
    expect(status).toBe(2);
    expect(output).toContain('operator  terraform apply was killed by SIGKILL');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'lets Terraform finish what it is at and save, at %s, and goes no further',
    async (signal) => {
      const [begun, release] = [join(root, 'begun'), join(root, 'release')];
      synth('operator', 'a', `touch ${begun}; while [ ! -e ${release} ]; do sleep 0.1; done`);
      const { child, printed } = start(DEPLOY);
      await until('the resource is under way', () => existsSync(begun));
      child.kill(signal);
      await until('Terraform has heard of it', () => printed().includes('Interrupt received'));
      writeFileSync(release, '');
      await ended(child);

      expect(child.exitCode).toBe(2);
      expect(readFileSync(stateOf('operator'), 'utf8')).toContain('terraform_data');
      expect(existsSync(join(root, '.operator.tfstate.lock.info'))).toBe(false);
      expect(deployed('tenants')).toBeUndefined();
    },
  );

  test('asks nobody where there is nobody to ask, and deploys nothing', async () => {
    const { status, output } = await run(['deploy', '--skip-synth']);
    expect(status).toBe(2);
    expect(output).toBe('nobody can be asked here whether to deploy: say --auto-approve\n');
    expect(deployed('operator')).toBeUndefined();
  });

  test('says where there is no such stack', async () => {
    rmSync(join(root, 'cdktf.out'), { recursive: true });
    const { status, output } = await run(DEPLOY);
    expect(status).toBe(2);
    expect(output).toContain('there is no stack operator: the last synth wrote no cdktf.out/stacks/operator');
  });
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}
