import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Platform } from '../../lib/config/platform';
import { deployPermissions, planPermissions } from '../../lib/stacks/run-permissions';
import { INSTALLATION, LocalEcr, REGISTRY } from '../images/local-ecr';
import { S3Gate } from './s3-gate';

const ROOT = join(__dirname, '../..');
const region = 'eu-central-1';
const BUCKET = 'acme-state';
const STATE = `${BUCKET}/acme/tenants.tfstate`;
const DIFF = 'npx cdktf diff tenants --skip-provider-lock';
const DEPLOY = 'npx cdktf deploy tenants --auto-approve --skip-provider-lock';
const platform = {
  name: 'acme',
  cluster: { kubeconfig: '/somewhere' },
  registry: REGISTRY,
  state: { bucket: BUCKET, region },
} as Platform;

/** A stack whose state is where that of the tenants is, with one resource; it needs no provider that has to be fetched. */
const APP = `
require('@swc-node/register');
const { App, DataResource, TerraformStack } = require('cdktf');
const { s3State } = require('${ROOT}/lib/stacks/state-backend');
const app = new App();
const stack = new TerraformStack(app, 'tenants');
s3State(stack, ${JSON.stringify({ name: platform.name, state: platform.state })});
new DataResource(stack, 'one', { input: process.env.INPUT });
app.synth();
`;

describe('With the rights that its role has in AWS', () => {
  // moto's process has an S3 beside its ECR.
  const moto = new LocalEcr();
  let gate: S3Gate;
  let folder: string;
  let s3: S3Client;

  beforeAll(async () => {
    await moto.start();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    s3 = new S3Client({ region, endpoint: moto.endpoint, credentials, forcePathStyle: true });
    await s3.send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    gate = new S3Gate(moto.endpoint, {
      planner: planPermissions(platform, { arns: [], provedArns: [] }),
      deployer: deployPermissions(platform, { arns: [], provedArns: [] }),
    });
    await gate.open();
    folder = mkdtempSync(join(tmpdir(), 'tenantry-plan-lock-'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'app.js'), APP);
    const settings = { language: 'typescript', app: 'node app.js', projectId: 'plan-lock', sendCrashReports: 'false' };
    writeFileSync(join(folder, 'cdktf.json'), JSON.stringify(settings));
    writeFileSync(join(folder, 'terraform.rc'), '');
  }, INSTALLATION);
  afterAll(async () => {
    gate?.close();
    s3?.destroy();
    await moto.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    gate.asked.length = 0;
  });

  const as = async (who: 'planner' | 'deployer', command: string, input = 'one') => {
    const { TF_CLI_ARGS_plan: _, ...inherited } = process.env;
    const env = {
      ...inherited,
      AWS_ACCESS_KEY_ID: who,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ENDPOINT_URL: gate.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      TF_CLI_CONFIG_FILE: join(folder, 'terraform.rc'),
      CHECKPOINT_DISABLE: '1',
      CI: 'true',
      DISABLE_VERSION_CHECK: '1',
      INPUT: input,
    };
    const [program = '', ...args] = command.split(' ');
    return new Promise<{ exitCode: number; output: string }>((resolve) => {
      execFile(program, args, { cwd: folder, env }, (error, stdout, stderr) => {
        const output = stripVTControlCharacters(`${stdout}${stderr}`);
        resolve({ exitCode: error ? Number(error.code) : 0, output });
      });
    });
  };
  const written = () => gate.asked.filter((one) => /Put|Delete/.test(one));

  test('the planner plans before the first deploy, when there is no state', async () => {
    const { exitCode, output } = await as('planner', DIFF);
    expect(output).toContain('1 to add');
    expect(exitCode).toBe(0);
    expect(written()).toEqual([]);
  });

  test('the deployer locks the state, writes it and unlocks it', async () => {
    const { exitCode, output } = await as('deployer', DEPLOY);
    expect(output).toContain('1 added');
    expect(exitCode).toBe(0);
    expect(written()).toEqual([
      `deployer s3:PutObject ${STATE}.tflock`,
      `deployer s3:PutObject ${STATE}`,
      `deployer s3:DeleteObject ${STATE}.tflock`,
    ]);
  });

  test('the planner sees a change, also while a deploy holds the lock, and asks to write nothing', async () => {
    const [Bucket, Key] = [BUCKET, 'acme/tenants.tfstate.tflock'];
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '{"ID":"another"}' }));
    const { exitCode, output } = await as('planner', DIFF, 'two');
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(output).toMatch(/"one" -> "two"/);
    expect(exitCode).toBe(0);
    expect(gate.asked).toContain(`planner s3:GetObject ${STATE}`);
    expect(written()).toEqual([]);
  });

  test('the planner is refused a deploy before anything is changed, and told why', async () => {
    const { exitCode, output } = await as('planner', DEPLOY, 'two');
    expect(exitCode).toBe(1);
    expect(output).toContain('Error acquiring the state lock');
    expect(output).toContain('AccessDenied');
    expect(written()).toEqual([`planner s3:PutObject ${STATE}.tflock`]);
  });
});
