import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ecrRepository } from '../config/names';
import type { Platform } from '../config/platform';
import { releaseTag } from '../config/release';
import { release, serviceName, tenantName } from '../tenant/names';
import { ExplainedError } from '../text/explained-error';
import { printableJson, visible } from '../text/harmless';
import { shownPath } from '../text/shown-path';
import { ImageProblem } from './image-problem';
import type { ImageSet } from './image-set';
import { isCommit, isDigest, type PinnedImage, registryHost, sameImage } from './pinned-image';
import { type ImageRequest, OPERATOR } from './request';
import type { ImageSource } from './source';

const VERSION = 1;
/** RFC 6838. */
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
/** How many of the reasons are named for which a file is no lock. */
const REASONS = 3;

/** A service's name as the files may have it, or the operator's. */
const lockedService = z.string().superRefine((name, context) => {
  const issues = name === OPERATOR ? [] : (serviceName.safeParse(name).error?.issues ?? []);
  for (const { message } of issues) context.addIssue({ code: 'custom', message });
});

/** What is shown, and decides nothing. */
const noted = z.string().max(1000);

/** By the schemas of the files: what they would refuse is refused here, for it reaches Terraform and the cluster as theirs does. */
const lockedImage = z.strictObject({
  service: lockedService,
  release,
  repository: ecrRepository,
  tag: z.string(),
  digest: z.string().refine(isDigest, 'is not a sha256 digest'),
  commits: z.array(z.string().refine(isCommit, 'is not a full git SHA')).min(1),
  pushedAt: z.iso.datetime().optional(),
  mediaType: z.string().regex(MEDIA_TYPE, 'is no media type').optional(),
  provenance: z.strictObject({ signer: noted, branch: noted, run: noted }).optional(),
  tenants: z.array(tenantName),
});

const lockFile = z.strictObject({
  version: z.literal(VERSION),
  platform: z.string(),
  registry: z.string(),
  images: z.array(lockedImage),
  checksum: z.string(),
});

/** The platform of a lock, as far as reading it takes. */
type LockOwner = Pick<Platform, 'name' | 'registry' | 'frozen'>;

type LockContent = Omit<z.output<typeof lockFile>, 'checksum'>;

/** Thrown when a file can't serve as the lock of a platform. */
export class LockRefused extends ExplainedError {
  override readonly name = 'LockRefused';

  constructor(
    readonly file: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`the lock ${shownPath(file)} is refused: ${reason}`, options);
  }
}

/** The lock of a run: all that is needed to deploy exactly its images again. The same image set gives the same text. */
export function lockText(platform: Platform, images: ImageSet): string {
  const content: LockContent = {
    version: VERSION,
    platform: platform.name,
    registry: registryHost(platform.registry),
    images: images.images.map(inOrder),
  };
  return `${printableJson({ ...content, checksum: checksum(content) }, 2)}\n`;
}

/**
 * Reads a lock for replay. A checksum keeps nobody from writing another lock with another one, so each field is held against the platform:
 * a lock chooses among the images of its services, and nothing else.
 *
 * @throws LockRefused when the file is no lock, was edited, or says what no run of this platform could have said.
 */
export function readLock(file: string, platform: Platform): LockSource {
  const images = lockedImages(file, platform);
  const wrong = [
    ...images.flatMap((image, index) => strangeFields(image, `images.${index}`, platform)),
    ...twice(images),
  ];
  const freezes = isFreeze(file, platform);
  if (wrong.length > 0) {
    throw new LockRefused(
      file,
      `it is not of this platform as it is now (${inOne(wrong)}). ${freezes ? THAW : 'Take a lock that a run of it wrote, or resolve anew without one.'}`,
    );
  }
  return new LockSource(file, images, freezes ? THAW : REPLAY);
}

/**
 * The images of a lock of this platform, as it is now or was once: to compare with, not to deploy.
 *
 * @throws LockRefused when the file is no lock, was edited, or belongs to another platform or registry.
 */
export function lockedImages(file: string, platform: LockOwner): readonly PinnedImage[] {
  const { checksum: given, ...content } = parse(file, isFreeze(file, platform));
  if (content.platform !== platform.name) {
    throw new LockRefused(
      file,
      `it belongs to the platform "${visible(content.platform)}", and this is "${platform.name}"`,
    );
  }
  if (content.registry !== registryHost(platform.registry)) {
    throw new LockRefused(
      file,
      `its images lie in ${visible(content.registry)}, and the platform's in ${registryHost(platform.registry)}`,
    );
  }
  if (given !== checksum(content)) {
    throw new LockRefused(
      file,
      'it was edited since it was written (its checksum differs). Take the lock of a run as it is',
    );
  }
  return content.images as PinnedImage[];
}

function isFreeze(file: string, { frozen }: LockOwner): boolean {
  return frozen !== undefined && resolve(file) === resolve(frozen);
}

/** What of an image no run of this platform could have pinned. A service that the platform has no more is asked for by nobody. */
function strangeFields({ service, release, repository, tag, tenants }: PinnedImage, at: string, platform: Platform) {
  const known =
    service === OPERATOR ? platform.operator : platform.services.find(({ name, image }) => name === service && !image);
  const wanted = releaseTag(release);
  return [
    ...(known && repository !== known.repository
      ? [`${at}.repository: is ${repository}, and that of ${service} is ${known.repository}`]
      : []),
    ...(tag === wanted ? [] : [`${at}.tag: is ${visible(tag)}, and that of ${release} is ${wanted}`]),
    ...(service === OPERATOR && tenants.length > 0 ? [`${at}.tenants: the operator is of no tenant`] : []),
  ];
}

/** A tenant has one image of a service, and there is one operator: of two, which one it is would be an accident. */
function twice(images: readonly PinnedImage[]): string[] {
  const seen = new Map<string, string>();
  return images.flatMap(({ service, tenants }, index) =>
    (service === OPERATOR ? ['the operator'] : tenants.map((tenant) => `${service} of ${tenant}`)).flatMap((place) => {
      const at = `images.${index}`;
      const first = seen.get(place);
      seen.set(place, first ?? at);
      return first === undefined ? [] : [`${at}.tenants: ${place} is in ${first} already`];
    }),
  );
}

/** The first reasons. */
function inOne(reasons: readonly string[]): string {
  const more = reasons.length - REASONS;
  return [...reasons.slice(0, REASONS), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** What to do where a lock has no answer. */
const REPLAY = 'Replay it with the configuration of its run, or resolve anew without it.';
const THAW =
  'The platform is frozen to it. "npx tenantry freeze --replace" freezes it anew: to what runs now, and to what ECR has of what runs nowhere yet. "npx tenantry unfreeze" ends the freeze.';

/** Answers from a lock: the same digests, whatever the tags point to now. */
export class LockSource implements ImageSource {
  /** @param advice - what a person does about a request that the lock can't answer. */
  constructor(
    readonly file: string,
    readonly images: readonly PinnedImage[],
    private readonly advice: string,
  ) {}

  /** A tenant that the lock does not know gets what the others of its release have, as long as that is one image. */
  async resolve(request: ImageRequest): Promise<PinnedImage[]> {
    const candidates = this.images.filter(
      ({ service, release }) => service === request.service && release === request.release,
    );
    const strangers = request.tenants.filter((tenant) => !candidates.some(({ tenants }) => tenants.includes(tenant)));
    const [only, ...others] = candidates;
    if (!only) throw this.refuse(request, 'It has no image of it.');
    const isOneImage = others.every((other) => sameImage(only, other));
    if (!isOneImage && strangers.length > 0) {
      throw this.refuse(
        request,
        `It has ${candidates.length} images of it, and none is marked for ${strangers.join(', ')}.`,
      );
    }
    const asked = (image: PinnedImage) =>
      request.tenants.filter(
        (tenant) => image.tenants.includes(tenant) || (image === only && strangers.includes(tenant)),
      );
    return candidates
      .map((image) => ({ ...image, tenants: asked(image) }))
      .filter(({ tenants }) => tenants.length > 0 || others.length === 0);
  }

  private refuse(request: ImageRequest, reason: string): ImageProblem {
    const text = `The lock ${shownPath(this.file)} cannot answer. ${reason} ${this.advice}`;
    return new ImageProblem(request, 'not-locked', text);
  }
}

function parse(file: string, freezes: boolean): z.output<typeof lockFile> {
  const value = json(file, freezes);
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version !== VERSION) {
    throw new LockRefused(file, `it has version ${version}, and this program reads version ${VERSION}`);
  }
  const result = lockFile.safeParse(value, {
    error: ({ input }) => (input === undefined ? 'is missing' : undefined),
  });
  if (result.success) return result.data;
  const reasons = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${visible(message)}`,
  );
  throw new LockRefused(file, `it is no lock of images (${inOne(reasons)})`);
}

function json(file: string, freezes: boolean): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new LockRefused(file, code === 'ENOENT' ? absent(freezes) : `it cannot be read: ${message}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = cause as Error;
    throw new LockRefused(file, `it is not JSON, so it is no lock or only a part of one (${visible(message)})`, {
      cause,
    });
  }
}

function absent(freezes: boolean): string {
  if (freezes)
    return 'there is no such file, and "frozen" in the platform file names it. Bring it back, or end the freeze with "npx tenantry unfreeze"';
  return 'there is no such file. Every synth writes a lock, cdktf.out/images.lock.json. IMAGES is the path of one, or ecr, live or none';
}

/** Keys in one order, so that the same images give the same bytes. */
function inOrder(image: PinnedImage) {
  const { service, release, repository, tag, digest, commits, pushedAt, mediaType, provenance, tenants } = image;
  return {
    service,
    release,
    repository,
    tag,
    digest,
    commits: [...commits],
    ...(pushedAt === undefined ? {} : { pushedAt }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(provenance && {
      provenance: { signer: provenance.signer, branch: provenance.branch, run: provenance.run },
    }),
    tenants: [...tenants],
  };
}

function checksum(content: LockContent): string {
  const { version, platform, registry, images } = content;
  const canonical = JSON.stringify([version, platform, registry, images.map((image) => inOrder(image as PinnedImage))]);
  return `sha256:${createHash('sha256').update(canonical).digest('hex')}`;
}
