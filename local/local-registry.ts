import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  type RepositoryAlreadyExistsException,
} from '@aws-sdk/client-ecr';
import { clientSettings } from '../lib/aws/client-settings';
import type { Platform } from '../lib/config/platform';
import { MOVING_TAGS } from '../lib/config/release';
import { OPERATOR } from '../lib/images/request';
import type { PlatformRecord } from './platform/platform-record';

/** The local ECR, and what a platform keeps in it. Plain data. */
export interface LocalRegistry {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
  readonly repositories: readonly { readonly service: string; readonly repository: string }[];
}

/** The repositories of a platform file in the registry of a running platform. */
export function localRegistry({ aws }: PlatformRecord, { services, operator }: Platform): LocalRegistry {
  return {
    account: aws.account,
    region: aws.region,
    endpoint: aws.endpoint,
    repositories: [
      ...services.flatMap(({ name, image, repository }) => (image ? [] : [{ service: name, repository }])),
      { service: OPERATOR, repository: operator.repository },
    ],
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
