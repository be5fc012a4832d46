import type { Registry } from '../config/platform';

/** One service's image in one release, as it was found: a digest that never changes, and the commit it was built from. */
export interface PinnedImage {
  readonly service: string;
  readonly release: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** The full git SHAs that are tags of the digest, sorted; at least one. Reproducible builds can give one digest several. */
  readonly commits: readonly string[];
  /** ISO 8601, UTC; absent where the source does not know it. */
  readonly pushedAt?: string;
  readonly mediaType?: string;
  /** Tenants that run it, sorted; none for the operator. */
  readonly tenants: readonly string[];
}

const COMMIT = /^[0-9a-f]{40}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isCommit(text: string): boolean {
  return COMMIT.test(text);
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** The commit to show for an image: the first of them, so that it is the same in every run. */
export function commitOf(image: PinnedImage): string {
  return image.commits[0] as string;
}

/** As git and GitHub show a commit: enough to find it by, and for `tenantry freeze --pin`. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

/** Whether two are one image, wherever each was read. */
export function sameImage(a: PinnedImage, b: PinnedImage): boolean {
  return a.repository === b.repository && a.digest === b.digest;
}

/** Host name of an ECR registry. */
export function registryHost({ account, region }: Registry): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${domain}`;
}

/** `<registry>/<repository>@sha256:...`: what a container runtime pulls. */
export function imageReference(registry: Registry, { repository, digest }: PinnedImage): string {
  return `${registryHost(registry)}/${repository}@${digest}`;
}

/** The way back from an image reference; empty parts where it is none. */
export function parseReference(reference: string): { repository: string; digest: string } {
  const [name = '', digest = ''] = reference.split('@');
  return { repository: name.slice(name.indexOf('/') + 1), digest };
}
