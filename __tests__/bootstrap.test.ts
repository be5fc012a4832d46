import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type BootstrapOptions, bootstrapStateBucket } from '../lib/state-bucket/bootstrap';
import { BUCKET_SETTINGS } from '../lib/state-bucket/bucket-setting';
import { withAwsEnvironment } from './images/aws-environment';
import { INSTALLATION, LocalEcr, REGISTRY } from './images/local-ecr';

const { account: ACCOUNT } = REGISTRY;
const REGION = 'eu-central-1';

withAwsEnvironment(() => '');

describe('The bootstrap, on moto', () => {
  // moto's process has an S3 beside its ECR.
  const moto = new LocalEcr();
  let s3: S3Client;

  beforeAll(async () => {
    await moto.start();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    s3 = new S3Client({ region: REGION, endpoint: moto.endpoint, credentials });
  }, INSTALLATION);

  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
  });

  afterAll(async () => {
    s3?.destroy();
    await moto.stop();
  });

  it('makes a bucket that is versioned, encrypted and closed to the public', async () => {
    const Bucket = 'made';
    const outcomes = await bootstrap(Bucket);
    expect(outcomes['bucket made in eu-central-1']).toBe('created');

    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBe(REGION);
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    expect(Status).toBe('Enabled');
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(encryption.ServerSideEncryptionConfiguration?.Rules?.[0]).toMatchObject({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
    });
    const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(Object.values(PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules).toEqual([expect.objectContaining({ NoncurrentVersionExpiration: { NoncurrentDays: 90 } })]);
  });

  it('changes nothing when all is right', async () => {
    await bootstrap('right');
    const { 'no access without TLS': _, ...outcomes } = await bootstrap('right');
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['already right']));
  });

  it('puts back what somebody changed, and only that', async () => {
    await bootstrap('changed');
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: 'changed', VersioningConfiguration: { Status: 'Suspended' } }),
    );
    const outcomes = await bootstrap('changed');
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome === 'set')).toEqual([['versioned', 'set']]);
  });

  it('makes a bucket in the one region that has no location constraint', async () => {
    const outcomes = await bootstrap('first-region', { region: 'us-east-1' });
    expect(outcomes['bucket first-region in us-east-1']).toBe('created');
    expect((await bootstrap('first-region', { region: 'us-east-1' }))['bucket first-region in us-east-1']).toBe(
      'already right',
    );
  });

  it('leaves a bucket that is reached without TLS usable without TLS', async () => {
    const outcomes = await bootstrap('plain');
    expect(outcomes['no access without TLS']).toBe('impossible over plain HTTP');
    await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'acme/tenants.tfstate', Body: '{}' }));
  });

  it('keeps the encryption and the lifecycle rules that somebody added', async () => {
    const Bucket = 'theirs';
    await create(Bucket);
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'theirs' } }],
        },
      }),
    );
    const rule = { ID: 'theirs', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } } as const;
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }));

    const outcomes = await bootstrap(Bucket);
    expect(outcomes.encrypted).toBe('already right');
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules?.map(({ ID }) => ID)).toEqual(['theirs', 'expire-old-versions']);
  });

  it('refuses access without TLS beside the statements that somebody added, once', async () => {
    const Bucket = 'policy';
    const theirs = {
      Sid: 'Theirs',
      Effect: 'Allow',
      Principal: { AWS: ACCOUNT },
      Action: 's3:GetObject',
      Resource: '*',
    };
    await create(Bucket);
    await s3.send(
      new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [theirs] }) }),
    );
    const setting = BUCKET_SETTINGS.find(({ needsTls }) => needsTls);
    const missing = () => setting?.missing(s3, { Bucket, ExpectedBucketOwner: ACCOUNT }, `arn:aws:s3:::${Bucket}`);

    await (await missing())?.();
    expect(await missing()).toBeUndefined();
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(Policy ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [
        theirs,
        {
          Sid: 'RefusePlainHttp',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: ['arn:aws:s3:::policy', 'arn:aws:s3:::policy/*'],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });

  it('says where a bucket is that lies in another region', async () => {
    await bootstrap('elsewhere', { region: 'eu-west-1' });
    await expect(bootstrap('elsewhere')).rejects.toMatchObject({
      kind: 'wrong-region',
      message: expect.stringContaining('is in eu-west-1, not in eu-central-1'),
    });
  });

  async function create(Bucket: string): Promise<void> {
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  }
});

describe('The bootstrap, refused', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  it("says that a bucket's name is taken", async () => {
    await answering((request) => (request.method === 'GET' ? [404, 'NoSuchBucket'] : [409, 'BucketAlreadyExists']));
    await expect(bootstrap('taken')).rejects.toMatchObject({
      name: 'StateBucketProblem',
      bucket: 'taken',
      kind: 'taken',
      message: expect.stringContaining('Choose another "state.bucket"'),
    });
  });

  it('says whose credentials it needs where S3 denies access', async () => {
    await answering(() => [403, 'AccessDenied']);
    await expect(bootstrap('denied')).rejects.toMatchObject({
      kind: 'no-access',
      message: expect.stringContaining(`another AWS account than ${ACCOUNT}`),
    });
  });

  it('works on a bucket only if it is the account of the platform that owns it', async () => {
    const owners: unknown[] = [];
    await answering((request) => {
      owners.push(request.headers['x-amz-expected-bucket-owner']);
      return [403, 'AccessDenied'];
    });
    await expect(bootstrap('stranger')).rejects.toMatchObject({ kind: 'no-access' });
    expect(owners).toEqual([ACCOUNT]);
  });

  it('says that S3 sends it to another region', async () => {
    await answering((_, response) => {
      response.setHeader('x-amz-bucket-region', 'eu-north-1');
      return [301, 'PermanentRedirect'];
    });
    await expect(bootstrap('moved')).rejects.toMatchObject({
      kind: 'wrong-region',
      message: expect.stringContaining('is in eu-north-1'),
    });
  });

  it('says what to do where it made the bucket in the wrong account', async () => {
    await answering(({ method, url = '' }) => {
      if (url.includes('location')) return [404, 'NoSuchBucket'];
      return method === 'PUT' ? [200, 'OK'] : [403, 'AccessDenied'];
    });
    await expect(bootstrap('astray')).rejects.toMatchObject({
      kind: 'no-access',
      message: expect.stringContaining('delete the bucket'),
    });
  });

  it('goes on when another bootstrap makes the bucket meanwhile', async () => {
    const asked: string[] = [];
    await answering(({ method, url = '' }) => {
      asked.push(`${method} ${url.replace(/\?.*/, '')}`);
      if (url.includes('location')) return [404, 'NoSuchBucket'];
      return method === 'PUT' ? [409, 'BucketAlreadyOwnedByYou'] : [403, 'AccessDenied'];
    });
    await expect(bootstrap('raced')).rejects.toMatchObject({ kind: 'no-access' });
    expect(asked).toEqual(['GET /raced/', 'PUT /raced/', 'GET /raced/']);
  });

  it('says that the credentials are not valid', async () => {
    await answering(() => [403, 'InvalidAccessKeyId']);
    await expect(bootstrap('unknown-key')).rejects.toMatchObject({ kind: 'credentials' });
  });

  it('says that there are no credentials', async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    await expect(bootstrap('no-key')).rejects.toMatchObject({
      kind: 'credentials',
      message: expect.stringContaining('aws sts get-caller-identity'),
    });
  });

  it('ends when S3 hangs', async () => {
    await answering(() => undefined);
    await expect(bootstrap('hangs', { requestTimeout: 100 })).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('says where nobody answers', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    await expect(bootstrap('down')).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED 127.0.0.1:1'),
    });
  });

  /** An S3 that answers every request with a status and an error's code, or not at all. */
  async function answering(
    answer: (request: IncomingMessage, response: ServerResponse) => readonly [number, string] | undefined,
  ): Promise<void> {
    server = createServer((request, response) => {
      const [status, code] = answer(request, response) ?? [];
      if (status === undefined) return;
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(status === 200 ? '' : `<Error><Code>${code}</Code><Message>as told</Message></Error>`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});

/** Each outcome by what is so. */
async function bootstrap(
  bucket: string,
  { region = REGION, ...options }: BootstrapOptions & { readonly region?: string } = {},
): Promise<Record<string, string>> {
  const platform = { registry: { account: ACCOUNT, region }, state: { bucket, region } };
  const steps = await bootstrapStateBucket(platform, options);
  return Object.fromEntries(steps.map(({ what, outcome }) => [what, outcome]));
}
