import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { BatchGetImageCommand, GetDownloadUrlForLayerCommand, ListImageReferrersCommand } from '@aws-sdk/client-ecr';
import { z } from 'zod';
import type { Registry } from '../../config/platform';
import { EcrCalls, type EcrOptions } from '../ecr-calls';
import { ImageProblem } from '../image-problem';
import { isDigest, type PinnedImage } from '../pinned-image';
import { WorthlessBundle } from './attested-build';

/** Where the attestations of an image lie. */
export interface Attestations {
  /**
   * The bundles that refer to an image, as they are written: nothing of them is true yet. In place of one that is none, why.
   *
   * @throws ImageProblem when they can't be had.
   */
  of(image: PinnedImage): Promise<readonly (string | WorthlessBundle)[]>;
}

/** The media type of a bundle, in all its versions: https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md */
const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle(\.v|\+json;version=)/;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** An image has one for each run of its release workflow. ECR gives at most 50 at a time. */
const MOST = 100;
const PAGE = 50;
/** One by publish-image has 10 to 20 kB. */
const LARGEST = 512 * 1024;

const manifest = z.object({
  layers: z.tuple([z.object({ digest: z.string().refine(isDigest), size: z.int().min(1).max(LARGEST) })]),
});

/**
 * Beside the images in ECR, as actions/attest pushes them: artifacts that refer to the image, of one layer, which is the bundle. Asking for
 * them takes no more rights than a pull.
 */
export class EcrAttestations implements Attestations {
  private readonly calls: EcrCalls;
  private readonly timeout: number;

  constructor(registry: Registry, options: EcrOptions = {}) {
    this.calls = new EcrCalls(registry, options);
    this.timeout = options.requestTimeout ?? 10_000;
  }

  async of(image: PinnedImage): Promise<readonly (string | WorthlessBundle)[]> {
    const digests = await this.referrers(image);
    if (digests.length === 0) return [];
    const manifests = await this.manifests(image, digests);
    return Promise.all(
      manifests.map((text) =>
        this.bundle(image, text).catch((error: unknown) => {
          if (error instanceof WorthlessBundle) return error;
          throw error;
        }),
      ),
    );
  }

  private async referrers(image: PinnedImage): Promise<string[]> {
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListImageReferrersCommand({
        ...this.where(image),
        subjectId: { imageDigest: image.digest },
        maxResults: PAGE,
        ...(nextToken !== undefined && { nextToken }),
      });
      // The right is that of BatchGetImage: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
      const answer = await this.calls.make(image, 'ecr:BatchGetImage', (client, options) =>
        client.send(command, options),
      );
      for (const { artifactType, digest } of answer.referrers ?? []) {
        if (digest !== undefined && BUNDLE.test(artifactType ?? '')) found.push(digest);
      }
      if (found.length > MOST) {
        throw new ImageProblem(
          image,
          'unproven',
          `The image ${image.digest} has more than ${MOST} attestations, which no workflow makes. See who pushes to ${image.repository}, then publish the image anew.`,
        );
      }
      nextToken = answer.nextToken;
    } while (nextToken);
    return found;
  }

  private async manifests(image: PinnedImage, digests: readonly string[]): Promise<string[]> {
    const command = new BatchGetImageCommand({
      ...this.where(image),
      imageIds: digests.map((imageDigest) => ({ imageDigest })),
      acceptedMediaTypes: [MANIFEST],
    });
    const { images = [] } = await this.calls.make(image, 'ecr:BatchGetImage', (client, options) =>
      client.send(command, options),
    );
    return images.flatMap(({ imageManifest }) => imageManifest ?? []);
  }

  private async bundle(image: PinnedImage, manifestText: string): Promise<string> {
    const { digest, size } = layerOf(manifestText);
    const command = new GetDownloadUrlForLayerCommand({ ...this.where(image), layerDigest: digest });
    const { downloadUrl = '' } = await this.calls.make(image, 'ecr:GetDownloadUrlForLayer', (client, options) =>
      client.send(command, options),
    );
    const bytes = await this.download(image, downloadUrl, size);
    if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) {
      throw new WorthlessBundle('what ECR has of it is not what was pushed');
    }
    return bytes.toString('utf8');
  }

  /** From S3, by an address that carries its own signature. Never more than it is said to be. */
  private async download(image: PinnedImage, url: string, size: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(this.timeout) });
      if (response.status === 404) throw new WorthlessBundle("ECR's storage does not have it any more: HTTP 404");
      if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
      for await (const part of Readable.fromWeb(response.body as ReadableStream<Uint8Array>)) {
        length += part.byteLength;
        if (length > size) break;
        parts.push(part);
      }
    } catch (cause) {
      if (cause instanceof WorthlessBundle) throw cause;
      const { message, cause: inner } = cause as Error & { cause?: Error };
      throw new ImageProblem(
        image,
        'unreachable',
        `An attestation of ${image.digest} could not be fetched from ECR's storage: ${inner?.message ?? message}. Run again; if it stays, look there.`,
        { cause },
      );
    }
    if (length > size) throw new WorthlessBundle('it is larger than its manifest says');
    return Buffer.concat(parts);
  }

  private where({ repository }: PinnedImage) {
    return { registryId: this.calls.registry.account, repositoryName: repository };
  }
}

function layerOf(text: string): { readonly digest: string; readonly size: number } {
  try {
    const [layer] = manifest.parse(JSON.parse(text)).layers;
    return layer;
  } catch (cause) {
    throw new WorthlessBundle(`its manifest is not that of one bundle of at most ${LARGEST / 1024} kB`, { cause });
  }
}
