import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeAccessEntryCommand, DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { GetOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientSettings } from '../aws/client-settings';
import type { Configuration } from '../config/load';
import type { Platform } from '../config/platform';
import { MOVING_TAGS } from '../config/release';
import { typedCommand } from '../config/typed-command';
import { alike } from '../fleet/alike';
import { EcrSource } from '../images/ecr';
import { type ImageProblem, type ImageProblemKind, UnresolvedImages } from '../images/image-problem';
import { ImageSet } from '../images/image-set';
import { proveImages } from '../images/provenance/prove-images';
import { imageRequests } from '../images/request';
import { askForImages } from '../images/resolve';
import { DEPLOYER_GROUP, PLANNER_GROUP } from '../stacks/cluster-groups';
import { AUDIENCE } from '../stacks/trust-policy';
import {
  builtImages,
  deployerRole,
  plannerRole,
  providerArn,
  pushRole,
  roleArn,
  type WantedRole,
} from '../stacks/wanted-roles';
import { lackingOfStateBucket } from '../state-bucket/bootstrap';
import { roleFindings, unlessGone } from './live-role';
import type { Finding, Step } from './step';

export interface Aws {
  readonly configuration: Configuration;
  /** Whether the platform is that of `npm start`, where nobody assumes a role. */
  readonly local: boolean;
}

const registry = () => `as an administrator of AWS: ${typedCommand('IMAGES=none npx cdktf deploy registry')}`;
const withRoles = ({ local }: Aws) => (local ? 'the local platform has no roles' : undefined);
const withMadeRoles = (aws: Aws) => withRoles(aws) ?? made(aws);
const made = ({ configuration: { platform } }: Aws) =>
  platform.registry.shared ? 'another platform, which shares its registry, makes them' : undefined;

export const AWS: readonly Step<Aws>[] = [
  {
    name: 'State bucket',
    how: () => `as an administrator of AWS: ${typedCommand('npx tenantry bootstrap')}`,
    async *ask({ configuration: { platform } }) {
      for (const lacking of await lackingOfStateBucket(platform)) yield { flaw: `it lacks: ${lacking}` };
    },
  },
  {
    name: 'ECR repositories',
    how: registry,
    async *ask({ configuration: { platform } }) {
      const ecr = new ECRClient(clientSettings({ region: platform.registry.region }));
      for (const { repository } of builtImages(platform)) yield* repositoryFindings(ecr, platform, repository);
    },
  },
  {
    name: 'Identity provider',
    how: registry,
    notHere: withRoles,
    async *ask({ configuration: { platform } }) {
      const iam = await clientOfAccount(platform);
      const arn = providerArn(platform);
      const found = await said(
        unlessGone(iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }))),
      );
      if (!found) yield { flaw: `there is no ${arn}` };
      else if (!found.ClientIDList?.includes(AUDIENCE)) yield { flaw: `${arn} takes no tokens made for ${AUDIENCE}` };
    },
  },
  {
    name: 'Planner',
    how: registry,
    notHere: withRoles,
    ask: ({ configuration: { platform } }) => rolesFindings(platform, [plannerRole(platform)]),
  },
  {
    name: 'Deployer',
    how: registry,
    notHere: withRoles,
    ask: ({ configuration: { platform } }) => rolesFindings(platform, [deployerRole(platform)]),
  },
  {
    name: 'Push roles',
    how: registry,
    notHere: withMadeRoles,
    ask: ({ configuration: { platform } }) =>
      rolesFindings(
        platform,
        builtImages(platform).map((image) => pushRole(platform, image)),
      ),
  },
  {
    name: 'Access to the cluster',
    how: registry,
    notHere: ({ configuration: { platform } }) =>
      'eks' in platform.cluster ? undefined : 'the platform file names a kubeconfig, and no EKS cluster',
    ask: ({ configuration: { platform } }) => accessFindings(platform),
  },
  {
    name: 'First images',
    how: ({ configuration: { platform } }) =>
      `push a branch ${platform.release}, or as "release" says, to the repository of each that is missing`,
    ask: ({ configuration }) => imageFindings(configuration),
  },
];

async function* repositoryFindings(ecr: ECRClient, { registry }: Platform, name: string): AsyncGenerator<Finding> {
  const command = new DescribeRepositoriesCommand({ registryId: registry.account, repositoryNames: [name] });
  const found = await ecr.send(command).catch((error: Error) => {
    if (error.name === 'RepositoryNotFoundException') return { repositories: [] };
    throw new AwsSilent(error);
  });
  const [repository] = found.repositories ?? [];
  if (!repository) {
    yield { flaw: `there is no repository ${name}` };
    return;
  }
  const { imageTagMutability, imageTagMutabilityExclusionFilters = [] } = repository;
  const moving = imageTagMutabilityExclusionFilters.map(({ filter = '' }) => filter).sort();
  if (
    imageTagMutability !== 'IMMUTABLE_WITH_EXCLUSION' ||
    JSON.stringify(moving) !== JSON.stringify([...MOVING_TAGS].sort())
  ) {
    yield { flaw: `in ${name} other tags than ${MOVING_TAGS.join(' and ')} may move from image to image` };
  }
}

async function* rolesFindings(platform: Platform, roles: readonly WantedRole[]): AsyncGenerator<Finding> {
  const iam = await clientOfAccount(platform);
  for (const role of roles) {
    try {
      yield* roleFindings(iam, role, providerArn(platform));
    } catch (error) {
      yield { unknown: new AwsSilent(error).message };
    }
  }
}

/** IAM has no account to ask for but that of the credentials. */
async function clientOfAccount({ registry: { account, region } }: Platform): Promise<IAMClient> {
  const sts = new STSClient(clientSettings({ region }));
  const { Account } = await said(sts.send(new GetCallerIdentityCommand({})));
  if (Account !== account) {
    throw new Error(`these credentials are those of the account ${Account}, and the platform's is ${account}`);
  }
  return new IAMClient(clientSettings({ region }));
}

async function* accessFindings(platform: Platform): AsyncGenerator<Finding> {
  if (!('eks' in platform.cluster)) return;
  const { eks: name, region } = platform.cluster;
  const eks = new EKSClient(clientSettings({ region }));
  const { cluster } = await said(eks.send(new DescribeClusterCommand({ name })));
  const mode = cluster?.accessConfig?.authenticationMode;
  if (mode !== 'API' && mode !== 'API_AND_CONFIG_MAP') {
    yield {
      flaw: `the cluster ${name} takes no access entries: aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP`,
    };
    return;
  }
  for (const [role, group] of [
    [plannerRole(platform), PLANNER_GROUP],
    [deployerRole(platform), DEPLOYER_GROUP],
  ] as const) {
    const principalArn = roleArn(platform, role.name);
    const entry = await eks
      .send(new DescribeAccessEntryCommand({ clusterName: name, principalArn }))
      .catch((error: Error) => {
        if (error.name === 'ResourceNotFoundException') return undefined;
        throw new AwsSilent(error);
      });
    const groups = entry?.accessEntry?.kubernetesGroups ?? [];
    if (groups.length !== 1 || groups[0] !== group) yield { flaw: `${role.name} is not of the group ${group} alone` };
  }
}

/** What is to be mended by whoever sets up; what may be well the next moment is not. */
const NOT_THERE: readonly ImageProblemKind[] = [
  'missing-image',
  'missing-repository',
  'no-commit',
  'malformed-digest',
  'archived',
  'unproven',
];

async function* imageFindings({ platform, tenants }: Configuration): AsyncGenerator<Finding> {
  const source = new EcrSource(platform.registry);
  const { images, problems } = await askForImages(imageRequests(platform, tenants), source);
  const unproved = await unprovedOf(new ImageSet(platform.registry, images), platform);
  for (const some of alike([...problems, ...unproved], ({ message }) => message)) {
    const [{ kind, message }] = some;
    const text = `${some.map(({ request }) => `${request.service} ${request.release}`).join(', ')}: ${message}`;
    yield NOT_THERE.includes(kind) ? { flaw: text } : { unknown: text };
  }
}

/** Those of which nobody attested what the platform file wants attested. */
async function unprovedOf(images: ImageSet, platform: Platform): Promise<readonly ImageProblem[]> {
  try {
    await proveImages(images, platform);
    return [];
  } catch (error) {
    if (error instanceof UnresolvedImages) return error.problems;
    throw error;
  }
}

/** Thrown when AWS does not answer, or refuses. */
class AwsSilent extends Error {
  override readonly name = 'AwsSilent';

  constructor(cause: unknown) {
    const { name, message } = cause as Error;
    super(`AWS did not say: ${name}: ${message}. As whom was it asked? aws sts get-caller-identity`, { cause });
  }
}

async function said<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw new AwsSilent(error);
  }
}
