import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { INSTALLATION, LocalEcr, REGISTRY } from '../images/local-ecr';
import { ROOT } from '../workflows/workflow-files';

/** Of the platform file of this repository. */
const Bucket = 'acme-tenantry-state';
const Key = 'acme/tenants.tfstate.tflock';
const ID = '5c3b1c7e-1111-2222-3333-444455556666';
/** As Terraform writes it. */
const LOCK = {
  ID,
  Operation: 'OperationTypeApply',
  Info: '',
  Who: 'runner@host',
  Version: '1.11.4',
  Created: '2026-11-25T04:00:00.123456789Z',
  Path: `${Bucket}/acme/tenants.tfstate`,
};

describe('tenantry unlock', () => {
  // moto's process has an S3 beside its ECR.
  const moto = new LocalEcr();
  let s3: S3Client;
  let github: Server;
  let asked: string[] = [];
  let runs: object[] | undefined = [];

  beforeAll(async () => {
    await moto.start();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    s3 = new S3Client({ region: REGISTRY.region, endpoint: moto.endpoint, credentials, forcePathStyle: true });
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
    );
    github = createServer(({ url = '' }, response) => {
      asked.push(url);
      response.statusCode = runs ? 200 : 404;
      response.end(JSON.stringify({ workflow_runs: runs }));
    }).listen(0, '127.0.0.1');
  }, INSTALLATION);
  afterAll(async () => {
    github?.close();
    s3?.destroy();
    await moto.stop();
  });
  beforeEach(async () => {
    asked = [];
    runs = [];
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(LOCK) }));
  });

  const unlock = async (...args: string[]) => {
    const aws = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ENDPOINT_URL: moto.endpoint,
    };
    const api = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
    const child = spawn(process.execPath, ['cli/tenantry.js', 'unlock', ...args], {
      cwd: ROOT,
      env: { ...process.env, ...aws, PLATFORM: '', GITHUB_API_URL: api, GITHUB_TOKEN: '', GH_TOKEN: '' },
    });
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { exitCode, stdout, stderr };
  };
  const isLocked = async () => ((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount ?? 0) > 0;
  const runOf = (path: string, run_started_at: string) => ({
    id: 77,
    path: `.github/workflows/${path}`,
    display_title: 'push of abc',
    html_url: 'https://github.com/acme/platform/actions/runs/77',
    run_started_at,
  });

  test('says who holds a state, and since when, and changes nothing', async () => {
    const { exitCode, stdout } = await unlock();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^tenants +${ID} +runner@host +2026-11-25T04:00:00.123Z +apply$`, 'm'));
    expect(stdout).toContain('npx tenantry unlock <ID>');
    expect(asked).toEqual([]);
    expect(await isLocked()).toBe(true);
  });

  test('takes away the lock that is named, where GitHub knows of no run that could hold it', async () => {
    // A later one, and two that take no lock.
    runs = [
      runOf('deploy-tenants.yml', '2026-11-25T04:00:01Z'),
      runOf('ci.yml', '2026-11-25T03:00:00Z'),
      runOf('review.yml', '2026-11-25T03:00:00Z'),
    ];
    const { exitCode, stdout } = await unlock(ID);
    expect(stdout).toContain('The state of tenants is unlocked.');
    expect(exitCode).toBe(0);
    expect(asked).toEqual([expect.stringMatching(/^\/repos\/acme\/platform\/actions\/runs\?status=in_progress/)]);
    expect(await isLocked()).toBe(false);
    expect((await unlock()).stdout).toBe('No state is locked.\n');
  });

  test('refuses while a run goes on that began before the lock was taken, whatever else is said', async () => {
    runs = [runOf('deploy-tenants.yml', '2026-11-25T03:59:00Z')];
    const { exitCode, stderr } = await unlock(ID, '--yes');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('https://github.com/acme/platform/actions/runs/77');
    expect(stderr).toContain('gh run cancel 77');
    expect(await isLocked()).toBe(true);
  });

  test('leaves it to the person where GitHub does not say, who then says so', async () => {
    runs = undefined;
    const { exitCode, stderr } = await unlock(ID);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Look at https://github.com/acme/platform/actions yourself');
    expect(stderr).toContain(`npx tenantry unlock ${ID} --yes`);
    expect(await isLocked()).toBe(true);
    expect((await unlock(ID, '--yes')).exitCode).toBe(0);
    expect(await isLocked()).toBe(false);
  });

  test('takes the lock of a person away only where somebody says that they are not at it: GitHub knows nothing of them', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify({ ...LOCK, Who: 'ada@laptop' }) }));
    const { exitCode, stderr } = await unlock(ID);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is held by ada@laptop since 2026-11-25T04:00:00.123Z');
    expect(stderr).toContain(`npx tenantry unlock ${ID} --yes`);
    expect(await isLocked()).toBe(true);
    expect((await unlock(ID, '--yes')).exitCode).toBe(0);
    expect(await isLocked()).toBe(false);
  });

  test('knows no lock of another ID, and says which there are', async () => {
    const { exitCode, stderr } = await unlock(ID.replace('5', '6'));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no state has the lock 6c3b1c7e/);
    expect(stderr).toContain('runner@host');
    expect(await isLocked()).toBe(true);
  });

  test('does not guess what an object is that is none of its locks', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'mine' }));
    const { exitCode, stderr } = await unlock();
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`s3://${Bucket}/${Key} is none of Terraform's locks`);
  });
});
