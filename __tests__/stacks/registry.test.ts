import { join } from 'node:path';
import { Testing } from 'cdktf';
import type { Platform } from '../../lib/config/platform';
import { SESSION } from '../../lib/config/run-time';
import { readOperatorManifests } from '../../lib/stacks/operator-manifests';
import { RegistryStack } from '../../lib/stacks/registry';
import { DEFAULT_INGRESS } from '../../lib/tenant/ingress';
import { plainRings } from '../config/plain-rings';

const ISSUER = 'token.actions.githubusercontent.com';
const BUCKET = 'arn:aws:s3:::acme-state';
const CLUSTER = 'arn:aws:eks:eu-central-1:123456789012:cluster/acme-production';

const acme: Platform = {
  name: 'acme',
  release: 'releases/0.0.2',
  github: 'acme/platform',
  branch: 'main',
  registry: { account: '123456789012', region: 'eu-central-1' },
  services: [
    { name: 'apiserver', repository: 'acme/apiserver', github: 'acme/api', port: 8080, replicas: 1 },
    { name: 'worker', image: 'apiserver', repository: 'acme/apiserver', github: 'acme/api', port: 0, replicas: 1 },
    { name: 'web-client', repository: 'web-client', github: 'acme/web-client', port: 3000, replicas: 1 },
  ],
  operator: { repository: 'tenantry-operator', release: 'releases/0.0.2' },
  cluster: { eks: 'acme-production', region: 'eu-central-1' },
  ingress: DEFAULT_INGRESS,
  egress: [],
  state: { bucket: 'acme-state', region: 'eu-west-1' },
  rings: plainRings('general'),
  verify: { attempts: 12, interval: 5 },
};

const repositoryArn = (name: string) => `arn:aws:ecr:eu-central-1:123456789012:repository/${name}`;

describe('The ECR repositories', () => {
  it('are one for each service and one for the operator', () => {
    const names = registry().all('aws_ecr_repository', 'name');
    expect(names).toEqual(['acme/apiserver', 'tenantry-operator', 'web-client']);
  });

  it('let only latest and the releases move from image to image', () => {
    const { resources } = registry();
    for (const repository of resources('aws_ecr_repository')) {
      expect(repository).toMatchObject({
        image_tag_mutability: 'IMMUTABLE_WITH_EXCLUSION',
        image_tag_mutability_exclusion_filter: [
          { filter: 'latest', filter_type: 'WILDCARD' },
          { filter: 'releases-*', filter_type: 'WILDCARD' },
        ],
      });
    }
  });

  it('scan every image that is pushed, and encrypt it', () => {
    const { resources } = registry();
    for (const repository of resources('aws_ecr_repository')) {
      expect(repository).toMatchObject({
        image_scanning_configuration: { scan_on_push: true },
        encryption_configuration: [{ encryption_type: 'AES256' }],
      });
    }
  });

  it('are not deleted while they hold images, nor replaced', () => {
    const { resources } = registry();
    for (const repository of resources('aws_ecr_repository')) {
      expect(repository).toMatchObject({ force_delete: false, lifecycle: { prevent_destroy: true } });
    }
  });

  it('forget nothing: a rule for what has no tag might take the attestations of images that are kept', () => {
    expect(registry().resources('aws_ecr_lifecycle_policy')).toEqual([]);
  });
});

describe('A push role', () => {
  it('can push to the repository of its own service and to no other', () => {
    for (const [role, repository] of [
      ['acme-push-apiserver', 'acme/apiserver'],
      ['acme-push-web-client', 'web-client'],
      ['acme-push-operator', 'tenantry-operator'],
    ] as const) {
      expect(registry().permissions(role)).toEqual([
        { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
        {
          actions: [
            'ecr:BatchCheckLayerAvailability',
            'ecr:InitiateLayerUpload',
            'ecr:UploadLayerPart',
            'ecr:CompleteLayerUpload',
            'ecr:PutImage',
            'ecr:BatchGetImage',
            'ecr:GetDownloadUrlForLayer',
            'ecr:DescribeImages',
          ],
          resources: [`<${repository}>`],
        },
      ]);
    }
  });

  it('trusts the default branch of the repository that builds the service, and nothing else', () => {
    const { trusted } = registry({ branch: 'trunk' });
    expect(trusted('acme-push-apiserver')).toEqual(['repo:acme/api:ref:refs/heads/trunk']);
    expect(trusted('acme-push-web-client')).toEqual(['repo:acme/web-client:ref:refs/heads/trunk']);
    expect(trusted('acme-push-operator')).toEqual(['repo:acme/platform:ref:refs/heads/trunk']);
  });

  it('trusts one workflow, as it stands on the default branch of the platform, and no other of the same repository', () => {
    const { trust } = registry({ github: 'acme@1/platform@2', branch: 'trunk' });
    for (const service of ['apiserver', 'operator', 'web-client']) {
      expect(trust(`acme-push-${service}`)[`${ISSUER}:job_workflow_ref`]).toBe(
        'acme/platform/.github/workflows/publish-image.yml@refs/heads/trunk',
      );
    }
  });

  it('is one for each service, also where one GitHub repository builds several', () => {
    const services = acme.services.map((service) => ({ ...service, github: 'acme/monorepo' }));
    const { permissions, trusted } = registry({ services });
    expect(trusted('acme-push-apiserver')).toEqual(trusted('acme-push-web-client'));
    expect(permissions('acme-push-apiserver')).not.toEqual(permissions('acme-push-web-client'));
  });
});

describe('The planner', () => {
  it('reads images, the cluster and the states it plans, and nothing else', () => {
    expect(registry().permissions('acme-planner')).toEqual([
      {
        actions: ['ecr:DescribeImages'],
        resources: ['acme/apiserver', 'web-client', 'tenantry-operator'].map(repositoryArn),
      },
      { actions: ['eks:DescribeCluster'], resources: [CLUSTER] },
      { actions: ['s3:ListBucket'], resources: [BUCKET] },
      {
        actions: ['s3:GetObject'],
        resources: [`${BUCKET}/acme/operator.tfstate`, `${BUCKET}/acme/tenants.tfstate`],
      },
    ]);
  });

  it('reads attestations, which are beside the images, only where the platform file wants them', () => {
    const services = acme.services.map((one) =>
      one.name === 'apiserver' ? { ...one, provenance: 'required' as const } : one,
    );
    const reads = {
      actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [repositoryArn('acme/apiserver')],
    };
    expect(registry({ services }).permissions('acme-planner')).toContainEqual(reads);
    expect(registry({ services }).permissions('acme-deployer')).toContainEqual(reads);
    expect(registry().permissions('acme-deployer')).not.toContainEqual(reads);
  });

  it('has no right but to read, on any platform', () => {
    for (const changes of [
      {},
      { environment: 'production' },
      { cluster: { kubeconfig: '/somewhere' } },
      { operator: { ...acme.operator, provenance: 'required' as const } },
      { registry: { ...acme.registry, shared: true } },
    ]) {
      const { permissions, types } = registry(changes);
      const actions = permissions('acme-planner').flatMap((permission) => permission.actions);
      expect(actions).toContain('s3:GetObject');
      expect(actions.filter((action) => !/^[a-z0-9]+:(Get|List|Describe|BatchGet)[A-Za-z]*$/.test(action))).toEqual([]);
      expect(types.filter((type) => /attachment|access_policy/.test(type))).toEqual([]);
    }
  });

  it('trusts pull requests to the repository of the platform', () => {
    expect(registry().trusted('acme-planner')).toEqual(['repo:acme/platform:pull_request']);
  });
});

describe('The deployer', () => {
  it('may do what the planner may, and write the states it deploys, under their locks', () => {
    const { permissions } = registry();
    expect(permissions('acme-deployer')).toEqual([
      ...permissions('acme-planner'),
      {
        actions: ['s3:PutObject'],
        resources: [`${BUCKET}/acme/operator.tfstate`, `${BUCKET}/acme/tenants.tfstate`],
      },
      {
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        resources: [`${BUCKET}/acme/operator.tfstate.tflock`, `${BUCKET}/acme/tenants.tfstate.tflock`],
      },
    ]);
  });

  it('trusts the default branch of the repository of the platform', () => {
    expect(registry().trusted('acme-deployer')).toEqual(['repo:acme/platform:ref:refs/heads/main']);
  });

  it('trusts the GitHub environment instead, where the platform has one', () => {
    const { trusted } = registry({ environment: 'production:eu' });
    expect(trusted('acme-deployer')).toEqual(['repo:acme/platform:environment:production%3Aeu']);
  });

  it('trusts no other branch that names the environment', () => {
    const { trust } = registry({ environment: 'production', branch: 'trunk' });
    expect(trust('acme-deployer')[`${ISSUER}:ref`]).toBe('refs/heads/trunk');
  });
});

describe('Every role', () => {
  it('trusts both forms of a repository that is given with its ids, each exactly', () => {
    const { trusted } = registry({ github: 'acme@1234/platform@5678' });
    expect(trusted('acme-planner')).toEqual([
      'repo:acme/platform:pull_request',
      'repo:acme@1234/platform@5678:pull_request',
    ]);
  });

  it('is only for tokens that GitHub made for AWS, and for an hour, or as long as a deploy may take', () => {
    const { resources } = registry();
    const roles = resources('aws_iam_role');
    expect(roles).toHaveLength(5);
    for (const { name, assume_role_policy, max_session_duration } of roles) {
      expect(max_session_duration).toBe(/deployer$/.test(name as string) ? SESSION : 3600);
      expect(JSON.parse(assume_role_policy as string)).toEqual({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: expect.stringMatching(/^\$\{aws_iam_openid_connect_provider\..*\.arn\}$/) },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: {
                [`${ISSUER}:aud`]: 'sts.amazonaws.com',
                [`${ISSUER}:sub`]: expect.anything(),
                ...(/-push-/.test(name as string) && { [`${ISSUER}:job_workflow_ref`]: expect.any(String) }),
              },
            },
          },
        ],
      });
    }
  });

  it('can delete no image, change no role, and reach neither the registry state nor a state of another platform', () => {
    const { all, permissions } = registry();
    const given = all('aws_iam_role', 'name').flatMap((role) => permissions(role as string));
    const actions = given.flatMap((permission) => permission.actions);
    expect(actions.filter((action) => /\*|^(iam|sts):|^ecr:.*Delete/.test(action))).toEqual([]);
    const wide = given.filter(({ resources }) => resources.some((resource) => resource.includes('*')));
    expect(new Set(wide.flatMap((permission) => permission.actions))).toEqual(new Set(['ecr:GetAuthorizationToken']));
    const objects = given.flatMap(({ resources }) => resources).filter((resource) => resource.startsWith(`${BUCKET}/`));
    expect(objects.filter((arn) => !/\/acme\/(operator|tenants)\.tfstate(\.tflock)?$/.test(arn))).toEqual([]);
  });

  it('has a name that IAM takes, however long the names of platform and service are', () => {
    const service = acme.services[0] as Platform['services'][number];
    const services = ['a', 'b'].map((end) => ({ ...service, name: 'x'.repeat(62) + end, repository: end.repeat(2) }));
    const names = registry({ name: 'p'.repeat(40), services }).all('aws_iam_role', 'name') as string[];
    expect(new Set(names).size).toBe(5);
    expect(names.filter((name) => name.length > 64 || !name.startsWith('p'.repeat(40)))).toEqual([]);
  });
});

describe('Access to the cluster', () => {
  it('makes the planner and the deployer members of their groups, with no access policy of EKS', () => {
    const { resources, types } = registry();
    expect(resources('aws_eks_access_entry')).toEqual([
      expect.objectContaining({
        cluster_name: 'acme-production',
        kubernetes_groups: ['tenantry:deployer'],
        principal_arn: '<acme-deployer>',
        type: 'STANDARD',
      }),
      expect.objectContaining({
        cluster_name: 'acme-production',
        kubernetes_groups: ['tenantry:planner'],
        principal_arn: '<acme-planner>',
        type: 'STANDARD',
      }),
    ]);
    expect(types).not.toContain('aws_eks_access_policy_association');
    expect(types).not.toContain('aws_iam_role_policy_attachment');
  });

  it("names the groups that the cluster's RBAC knows", () => {
    const objects = readOperatorManifests(join(__dirname, '../../operator/deploy'));
    const known = objects.flatMap((object) => (object.subjects ?? []) as { name: string }[]).map(({ name }) => name);
    const groups = registry().all('aws_eks_access_entry', 'kubernetes_groups').flat();
    expect(known).toEqual(expect.arrayContaining(groups));
  });

  it('is not for AWS to give where the cluster is a kubeconfig', () => {
    const { permissions, types } = registry({ cluster: { kubeconfig: '/somewhere' } });
    expect(types).not.toContain('aws_eks_access_entry');
    expect(permissions('acme-deployer').flatMap(({ actions }) => actions)).not.toContain('eks:DescribeCluster');
  });
});

describe('A registry that another platform shares', () => {
  const staging = () => registry({ name: 'acme-staging', registry: { ...acme.registry, shared: true } });

  it('is left to the platform that made it: there are only the roles that plan and deploy', () => {
    const { all, types, synthesized } = staging();
    expect(all('aws_iam_role', 'name')).toEqual(['acme-staging-deployer', 'acme-staging-planner']);
    expect(types.filter((type) => type.startsWith('aws_ecr') || type.includes('openid'))).toEqual([]);
    expect(Object.keys(synthesized.output)).toEqual(['deployer-role-arn', 'planner-role-arn']);
  });

  it('lends its identity provider and its images to those roles', () => {
    const { resources, permissions } = staging();
    const [role] = resources('aws_iam_role');
    expect(JSON.parse(role?.assume_role_policy as string).Statement[0].Principal).toEqual({
      Federated: `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`,
    });
    expect(permissions('acme-staging-planner')).toContainEqual({
      actions: ['ecr:DescribeImages'],
      resources: ['acme/apiserver', 'web-client', 'tenantry-operator'].map(repositoryArn),
    });
  });
});

describe('The registry stack', () => {
  it("speaks only to the platform's account, and marks what it makes", () => {
    expect(registry().synthesized.provider.aws).toEqual([
      {
        region: 'eu-central-1',
        allowed_account_ids: ['123456789012'],
        default_tags: [{ tags: { ManagedBy: 'tenantry', Platform: 'acme' } }],
      },
    ]);
  });

  it("keeps its state under the platform's name, encrypted, and locked by an object beside it", () => {
    expect(registry().synthesized.terraform.backend.s3).toEqual({
      bucket: 'acme-state',
      region: 'eu-west-1',
      key: 'acme/registry.tfstate',
      encrypt: true,
      use_lockfile: true,
    });
  });

  it('says what GitHub must be told', () => {
    const { output } = registry().synthesized;
    expect(output['planner-role-arn'].value).toBe('<acme-planner>');
    expect(output['deployer-role-arn'].value).toBe('<acme-deployer>');
    expect(output['push-role-arns'].value).toEqual({
      apiserver: '<acme-push-apiserver>',
      operator: '<acme-push-operator>',
      'web-client': '<acme-push-web-client>',
    });
    expect(Object.keys(output['repository-urls'].value)).toEqual(['apiserver', 'operator', 'web-client']);
  });

  it('names resources in the part of AWS that the region lies in', () => {
    const { permissions } = registry({ state: { bucket: 'acme-state', region: 'us-gov-west-1' } });
    expect(permissions('acme-planner')).toContainEqual({
      actions: ['s3:ListBucket'],
      resources: ['arn:aws-us-gov:s3:::acme-state'],
    });
  });

  it('is the same, byte for byte, for the same platform', () => {
    const synth = () => Testing.synth(new RegistryStack(Testing.app(), 'registry', { platform: acme }), true);
    expect(synth()).toBe(synth());
  });
});

/** The synthesized stack, with `<name>` in place of a reference to the ARN of what has that name. */
function registry(changes: Partial<Platform> = {}) {
  const stack = new RegistryStack(Testing.app(), 'registry', { platform: { ...acme, ...changes } });
  const text = Testing.synth(stack, true);
  const raw = JSON.parse(text).resource;
  const named = text.replace(
    /\$\{(aws_ecr_repository|aws_iam_role)\.([\w-]+)\.(?:arn|name)\}/g,
    (_, type, id) => `<${raw[type][id].name}>`,
  );
  const synthesized = JSON.parse(named);
  const resources = (type: string): Record<string, unknown>[] => Object.values(synthesized.resource[type] ?? {});
  /** What a role wants of a token. */
  const trust = (role: string) => {
    const found = resources('aws_iam_role').find(({ name }) => name === role);
    return JSON.parse(found?.assume_role_policy as string).Statement[0].Condition.StringEquals;
  };
  return {
    synthesized,
    resources,
    types: Object.keys(synthesized.resource),
    all: (type: string, property: string) =>
      resources(type)
        .map((resource) => resource[property])
        .sort(),
    /** What the policies of a role allow; they hold nothing but Allow. */
    permissions: (role: string): { actions: string[]; resources: string[] }[] =>
      resources('aws_iam_role_policy')
        .filter((policy) => policy.role === `<${role}>`)
        .flatMap(({ policy }) => JSON.parse(policy as string).Statement)
        .map(({ Effect, Action, Resource, ...rest }) => {
          expect({ Effect, ...rest }).toEqual({ Effect: 'Allow' });
          return { actions: Action, resources: Resource };
        }),
    trust,
    /** The subjects that a role trusts. */
    trusted: (role: string) => trust(role)[`${ISSUER}:sub`],
  };
}
