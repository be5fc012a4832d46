import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, ECRClient, PutImageTagMutabilityCommand } from '@aws-sdk/client-ecr';
import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { DeletePublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import type { Platform } from '../../lib/config/platform';
import { MOVING_TAGS } from '../../lib/config/release';
import { AWS } from '../../lib/doctor/aws';
import { examine } from '../../lib/doctor/step';
import { policyDocument } from '../../lib/stacks/permission';
import { trustPolicy } from '../../lib/stacks/trust-policy';
import { builtImages, deployerRole, plannerRole, providerArn, pushRole } from '../../lib/stacks/wanted-roles';
import { bootstrapStateBucket } from '../../lib/state-bucket/bootstrap';
import { pushAttestation } from '../../local/attest';
import { LocalAuthority } from '../../local/local-authority';
import { attestationOf } from '../images/attested-images';
import { withAwsEnvironment } from '../images/aws-environment';
import { commitNamed, INSTALLATION, LocalEcr } from '../images/local-ecr';
import { pinnedImage } from '../images/pinned-images';
import { PLATFORM, tenant } from '../stacks/pinned-platform';

const ROLES = [
  plannerRole(PLATFORM),
  deployerRole(PLATFORM),
  ...builtImages(PLATFORM).map((one) => pushRole(PLATFORM, one)),
];

withAwsEnvironment(() => '');

/** In the order of these tests: first nothing is there, then all, then one thing after another is not as it should be. */
describe('what tenantry doctor asks AWS', () => {
  // moto's process has S3, IAM and STS beside its ECR.
  const moto = new LocalEcr();
  const settings = () => ({
    region: PLATFORM.registry.region,
    endpoint: moto.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  let iam: IAMClient;
  beforeAll(async () => {
    await moto.start();
    iam = new IAMClient(settings());
  }, INSTALLATION);
  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
    process.env.AWS_ENDPOINT_URL_ECR = moto.endpoint;
  });
  afterAll(async () => {
    iam?.destroy();
    await moto.stop();
  });

  const ask = async (changes: Partial<Platform> = {}, local = false) => {
    const configuration = { platform: { ...PLATFORM, ...changes }, tenants: [tenant('amber')] };
    const steps = await examine('AWS', { configuration, local }, AWS);
    return Object.fromEntries(steps.map(({ step, outcome, because }) => [step, [outcome, because.join('\n')]]));
  };
  const undone = async (changes?: Partial<Platform>) =>
    Object.entries(await ask(changes)).filter(([, [outcome]]) => outcome !== 'done' && outcome !== 'not needed');

  test('is not done where nothing is there', async () => {
    expect(await ask()).toEqual({
      'State bucket': ['not done', 'it lacks: the bucket acme-state'],
      'ECR repositories': [
        'not done',
        ['apiserver', 'jobs/worker', 'tenantry-operator'].map((one) => `there is no repository ${one}`).join('\n'),
      ],
      'Identity provider': ['not done', `there is no ${providerArn(PLATFORM)}`],
      Planner: ['not done', 'there is no role acme-planner'],
      Deployer: ['not done', 'there is no role acme-deployer'],
      'Push roles': [
        'not done',
        ['apiserver', 'worker', 'operator'].map((one) => `there is no role acme-push-${one}`).join('\n'),
      ],
      'Access to the cluster': ['not needed', expect.anything()],
      'First images': [
        'not done',
        expect.stringContaining(
          'apiserver releases/0.0.2, operator releases/0.0.2, worker releases/0.0.2: There is no such repository',
        ),
      ],
    });
  });

  test('is done where all is as the bootstrap, the registry stack and the first releases make it', async () => {
    await bootstrapStateBucket(PLATFORM);
    const ecr = new ECRClient(settings());
    for (const { repository: repositoryName } of builtImages(PLATFORM)) {
      await ecr.send(
        new CreateRepositoryCommand({
          repositoryName,
          imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
          imageTagMutabilityExclusionFilters: MOVING_TAGS.map((filter) => ({ filterType: 'WILDCARD', filter })),
        }),
      );
      await moto.push(repositoryName, 'first', [commitNamed('first'), 'releases-0.0.2']);
    }
    ecr.destroy();
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: 'https://token.actions.githubusercontent.com',
        ClientIDList: ['sts.amazonaws.com'],
      }),
    );
    for (const role of ROLES) {
      const { name: RoleName } = role;
      const AssumeRolePolicyDocument = trustPolicy(providerArn(PLATFORM), role);
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, MaxSessionDuration: role.session }));
      const PolicyDocument = policyDocument(role.permissions);
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'permissions', PolicyDocument }));
    }
    expect(await undone()).toEqual([]);
  });

  test('finds what the state bucket lacks, and sets nothing right', async () => {
    const s3 = new S3Client(settings());
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'acme-state' }));
    s3.destroy();
    const lacking = [['State bucket', ['not done', 'it lacks: no public access']]];
    expect(await undone()).toEqual(lacking);
    expect(await undone()).toEqual(lacking);
    await bootstrapStateBucket(PLATFORM);
    expect(await undone()).toEqual([]);
  });

  test('finds tags that move from image to image', async () => {
    const ecr = new ECRClient(settings());
    const set = (imageTagMutability: 'MUTABLE' | 'IMMUTABLE_WITH_EXCLUSION') =>
      ecr.send(
        new PutImageTagMutabilityCommand({
          repositoryName: 'apiserver',
          imageTagMutability,
          ...(imageTagMutability !== 'MUTABLE' && {
            imageTagMutabilityExclusionFilters: MOVING_TAGS.map((filter) => ({ filterType: 'WILDCARD', filter })),
          }),
        }),
      );
    await set('MUTABLE');
    expect(await undone()).toEqual([
      [
        'ECR repositories',
        ['not done', 'in apiserver other tags than latest and releases-* may move from image to image'],
      ],
    ]);
    await set('IMMUTABLE_WITH_EXCLUSION');
    ecr.destroy();
  });

  test('finds first images that nobody attested, where the platform file wants that, and those alone', async () => {
    const [apiserver, ...others] = PLATFORM.services;
    const services = [{ ...apiserver, provenance: 'required' } as (typeof PLATFORM.services)[number], ...others];
    const digest = await moto.push('apiserver', 'first', ['proved']);
    // Roles that may read attestations have rights more, which these have not.
    const firstImages = async () => (await ask({ services }))['First images'];
    expect(await firstImages()).toEqual([
      'not done',
      expect.stringMatching(
        `^apiserver releases/0.0.2: The image ${digest} of commit ${commitNamed('first')} has no attestation in ECR(.|\n)*run the CI of commit`,
      ),
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'tenantry-attested-'));
    const authority = new LocalAuthority(folder);
    process.env.TENANTRY_TRUSTED_ROOT = await authority.trustedRoot();
    const image = { ...pinnedImage('apiserver', 'first'), digest };
    const ecr = new ECRClient(settings());
    await pushAttestation(ecr, 'apiserver', digest, await authority.attest(attestationOf(image)));
    ecr.destroy();
    expect(await firstImages()).toEqual(['done', '']);
    rmSync(folder, { recursive: true, force: true });
  });

  test('finds a push role that trusts any workflow, and one that trusts another branch', async () => {
    const role = pushRole(PLATFORM, { name: 'apiserver', repository: 'apiserver', github: 'acme/apiserver' });
    const trust = (document: string) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument: document }));
    await trust(trustPolicy(providerArn(PLATFORM), { subjects: role.subjects }));
    expect(await undone()).toEqual([
      [
        'Push roles',
        [
          'not done',
          'acme-push-apiserver trusts any workflow, and should trust acme/platform/.github/workflows/publish-image.yml@refs/heads/main alone',
        ],
      ],
    ]);
    await trust(trustPolicy(providerArn(PLATFORM), { ...role, subjects: ['repo:acme/apiserver:ref:refs/heads/dev'] }));
    expect(await undone()).toEqual([
      [
        'Push roles',
        [
          'not done',
          expect.stringContaining(
            'acme-push-apiserver does not trust repo:acme/apiserver:ref:refs/heads/main, acme/platform/',
          ),
        ],
      ],
    ]);
    await trust(trustPolicy(providerArn(PLATFORM), role));
    expect(await undone()).toEqual([]);
  });

  test('finds a deployer that any branch may be which names its environment', async () => {
    const environment = 'production';
    const role = deployerRole({ ...PLATFORM, environment });
    const trust = (document: string) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument: document }));
    await trust(trustPolicy(providerArn(PLATFORM), { subjects: role.subjects }));
    expect(await undone({ environment })).toEqual([
      [
        'Deployer',
        [
          'not done',
          'acme-deployer trusts any branch that names its environment, and should trust refs/heads/main alone',
        ],
      ],
    ]);
    await trust(trustPolicy(providerArn(PLATFORM), role));
    expect(await undone({ environment })).toEqual([]);
    await trust(trustPolicy(providerArn(PLATFORM), deployerRole(PLATFORM)));
    expect(await undone()).toEqual([]);
  });

  test('finds a planner that may do more than read, by whatever gives it the right', async () => {
    const planner = plannerRole(PLATFORM);
    const RoleName = planner.name;
    const put = (PolicyName: string, permissions = planner.permissions) =>
      iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policyDocument(permissions) }));
    await put('permissions', deployerRole(PLATFORM).permissions);
    expect(await undone()).toEqual([
      ['Planner', ['not done', 'the rights of acme-planner are not those that it is made with']],
    ]);
    await put('permissions');
    await put('more');
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'attached', PolicyDocument: policyDocument(planner.permissions) }),
    );
    const attached = { RoleName, PolicyArn: Policy?.Arn };
    await iam.send(new AttachRolePolicyCommand(attached));
    expect(await undone()).toEqual([
      ['Planner', ['not done', 'acme-planner has rights beyond its own, by more, attached']],
    ]);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'more' }));
    await iam.send(new DetachRolePolicyCommand(attached));
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'permissions' }));
    expect(await undone()).toEqual([['Planner', ['not done', 'acme-planner has no rights']]]);
    await put('permissions');
  });

  test('finds a deployer whose session ends before the job does', async () => {
    await iam.send(new UpdateRoleCommand({ RoleName: 'acme-deployer', MaxSessionDuration: 3600 }));
    expect(await undone()).toEqual([
      ['Deployer', ['not done', 'acme-deployer may be assumed for 3600 s, and the workflow asks for 7800 s']],
    ]);
    await iam.send(new UpdateRoleCommand({ RoleName: 'acme-deployer', MaxSessionDuration: 7800 }));
  });

  test('leaves what another platform makes to that one, and roles to a platform that has some', async () => {
    const shared = await ask({ registry: { ...PLATFORM.registry, shared: true } });
    expect(shared['Push roles']).toEqual(['not needed', 'another platform, which shares its registry, makes them']);
    const local = await ask({}, true);
    expect(Object.keys(local).filter((step) => local[step]?.[0] === 'not needed')).toEqual([
      'Identity provider',
      'Planner',
      'Deployer',
      'Push roles',
      'Access to the cluster',
    ]);
  });

  test('knows nothing by the credentials of another account, nor without any, nor where nobody answers', async () => {
    const foreign = await undone({ registry: { ...PLATFORM.registry, account: '999999999999' } });
    const told = Object.fromEntries(foreign);
    for (const step of ['Identity provider', 'Planner', 'Deployer', 'Push roles']) {
      expect(told[step]).toEqual([
        'not known',
        "these credentials are those of the account 123456789012, and the platform's is 999999999999",
      ]);
    }
    for (const change of [
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' },
    ]) {
      for (const [name, value] of Object.entries(change)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      const outcomes = Object.values(await ask()).map(([outcome]) => outcome);
      expect(new Set(outcomes)).toEqual(new Set(['not known', 'not needed']));
    }
  });

  test('finds an identity provider that is gone', async () => {
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn(PLATFORM) }));
    expect(await undone()).toEqual([['Identity provider', ['not done', `there is no ${providerArn(PLATFORM)}`]]]);
  });
});
