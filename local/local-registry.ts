import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  type RepositoryAlreadyExistsException,
} from '@aws-sdk/client-ecr';
import { clientSettings } from '../lib/aws/client-settings';
import type { Platform } from '../lib/config/platform';
import { MOVING_TAGS } from '../lib/config/release';
import { withoutIds } from '../lib/config/without-ids';
import { WORKFLOW } from '../lib/images/provenance/expected-build';
import { OPERATOR } from '../lib/images/request';
import type { PlatformRecord } from './platform/platform-record';

/** The local ECR, and what a platform keeps in it. Plain data. */
export interface LocalRegistry {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
  readonly repositories: readonly {
    readonly service: string;
    readonly repository: string;
    /** GitHub repository that builds it. */
    readonly github: string;
  }[];
  /** Who attests what is published, and the workflow by which. */
  readonly signing: { readonly authority: string; readonly workflow: string; readonly branch: string };
}

/** The repositories of a platform file in the registry of a running platform. */
export function localRegistry({ aws, authority }: PlatformRecord, platform: Platform): LocalRegistry {
  const { services, operator, github, branch } = platform;
  return {
    account: aws.account,
    region: aws.region,
    endpoint: aws.endpoint,
    repositories: [
      ...services.flatMap(({ name, image, repository, github }) =>
        image ? [] : [{ service: name, repository, github: withoutIds(github) }],
      ),
      { service: OPERATOR, repository: operator.repository, github: withoutIds(github) },
    ],
    signing: {
      authority,
      workflow: `https://github.com/${withoutIds(github)}/${WORKFLOW}@refs/heads/${branch}`,
      branch,
    },
  };
}

export function ecrClient({ region, endpoint }: LocalRegistry): ECRClient {
  return new ECRClient({
    ...clientSettings({ region }),
    endpoint,
    // The registry runs here and takes any.
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

/** Makes the repositories that are missing, as the registry stack makes them in AWS. */
export async function createRepositories(registry: LocalRegistry): Promise<void> {
  const client = ecrClient(registry);
  await Promise.all(registry.repositories.map(({ repository }) => createRepository(client, repository)));
}

async function createRepository(client: ECRClient, repositoryName: string): Promise<void> {
  try {
    await client.send(
      new CreateRepositoryCommand({
        repositoryName,
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: MOVING_TAGS.map((filter) => ({
          filterType: 'WILDCARD',
          filter,
        })),
        imageScanningConfiguration: { scanOnPush: true },
      }),
    );
  } catch (error) {
    if ((error as RepositoryAlreadyExistsException).name !== 'RepositoryAlreadyExistsException') throw error;
  }
}

/** What a tag points to now; undefined if there is no such tag. */
export async function digestOf(
  client: ECRClient,
  repositoryName: string,
  imageTag: string,
): Promise<string | undefined> {
  try {
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
    return imageDetails?.[0]?.imageDigest;
  } catch (error) {
    if ((error as Error).name === 'ImageNotFoundException') return undefined;
    throw error;
  }
}
