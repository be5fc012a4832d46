import { createHash, randomBytes } from 'node:crypto';
import { PutImageCommand } from '@aws-sdk/client-ecr';
import { releaseTag } from '../lib/config/release';
import { isCommit } from '../lib/images/pinned-image';
import { ExplainedError } from '../lib/text/explained-error';
import { pushAttestation } from './attest';
import { LocalAuthority } from './local-authority';
import { digestOf, ecrClient, type LocalRegistry } from './local-registry';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';

export interface PublishOptions {
  readonly service: string;
  /** A release branch: `releases/0.0.2`. */
  readonly release: string;
  /** 40 hexadecimal digits. Default: a random commit, as of a change that nobody made. */
  readonly commit?: string;
  /** Whether it is attested too. Default: true. */
  readonly attest?: boolean;
}

export interface Published {
  readonly service: string;
  readonly repository: string;
  readonly commit: string;
  readonly digest: string;
  /** In the order in which they were pushed. */
  readonly tags: readonly string[];
  /** False if all of it was there before. */
  readonly changed: boolean;
}

/** Thrown when an image would be tagged with what nobody could find in a repository. */
export class NotACommit extends ExplainedError {
  override readonly name = 'NotACommit';

  constructor(readonly commit: string) {
    super(`"${commit}" is no commit. Give all 40 hexadecimal digits, in lower case.`);
  }
}

/** Thrown when there is nothing to publish to. */
export class UnknownService extends ExplainedError {
  override readonly name = 'UnknownService';

  constructor(
    readonly service: string,
    readonly known: readonly string[],
  ) {
    super(`There is no service "${service}" in the platform file. Publish one of: ${known.join(', ')}.`);
  }
}

/**
 * Publishes an image of a service as the workflow of its repository does. No layers: nothing here runs the image, but its
 * digest is a real one, of a real manifest.
 */
export async function publish(registry: LocalRegistry, options: PublishOptions): Promise<Published> {
  const { service, release, commit = randomBytes(20).toString('hex'), attest = true } = options;
  if (!isCommit(commit)) throw new NotACommit(commit);
  const { repository, github } = builtIn(registry, service);
  const manifest = imageManifest(service, commit);
  const digest = sha256(manifest);
  // The commit first: an image that has only its release tag yet can't be told from one whose commit nobody knows.
  const tags = [commit, 'latest', releaseTag(release)];

  const client = ecrClient(registry);
  const there = await Promise.all(tags.map((tag) => digestOf(client, repository, tag)));
  const missing = tags.filter((_, index) => there[index] !== digest);
  // Before any tag: a deploy that sees the image finds its attestation.
  if (attest && missing.length > 0) {
    const { authority, workflow, branch } = registry.signing;
    const source = `https://github.com/${github}`;
    const bundle = await new LocalAuthority(authority).attest({
      digest,
      builds: { repository: source, branch: release, commit },
      workflow,
      repository: source,
      ref: `refs/heads/${branch}`,
    });
    await pushAttestation(client, repository, digest, bundle);
  }
  for (const tag of missing) {
    await client.send(
      new PutImageCommand({
        registryId: registry.account,
        repositoryName: repository,
        imageManifest: manifest,
        imageManifestMediaType: MANIFEST,
        imageDigest: digest,
        imageTag: tag,
      }),
    );
  }
  return { service, repository, commit, digest, tags, changed: missing.length > 0 };
}

function builtIn({ repositories }: LocalRegistry, service: string): LocalRegistry['repositories'][number] {
  const found = repositories.find((one) => one.service === service);
  if (found) return found;
  throw new UnknownService(
    service,
    repositories.map((one) => one.service),
  );
}

/** The same bytes for the same service and commit, whenever they are made. */
function imageManifest(service: string, commit: string): string {
  const labels = { 'org.opencontainers.image.title': service, 'org.opencontainers.image.revision': commit };
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: labels },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: sha256(config), size: Buffer.byteLength(config) },
    layers: [],
    annotations: labels,
  });
}

function sha256(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
