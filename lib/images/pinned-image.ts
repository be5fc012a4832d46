import type { Registry } from '../config/platform';
import type { Provenance } from './provenance/provenance';

/** One service's image in one release, as it was found: a digest that never changes, and the commit it was built from. */
export interface PinnedImage {
  readonly service: string;
  readonly release: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** The full git SHAs that are tags of the digest: the one to show, then the others, sorted. Reproducible builds can give one digest several. */
  readonly commits: readonly string[];
  /** ISO 8601, UTC; absent where the source does not know it. */
  readonly pushedAt?: string;
  readonly mediaType?: string;
  /** Who attested it. Absent where nobody asked for that. */
  readonly provenance?: Provenance;
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

/** The commit to show for an image. Which of several that is, `live-commits.ts` decides, and a lock keeps. */
export function commitOf(image: PinnedImage): string {
  return image.commits[0] as string;
}

/** As git and GitHub show a commit: enough to find it by, and for `tenantry freeze --pin`. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

type ImageName = Pick<PinnedImage, 'repository' | 'digest'>;

/** Whether two are one image, wherever each was read. */
export function sameImage(a: ImageName, b: ImageName): boolean {
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

/** The way back from an image reference; empty parts where it has none. */
export function parseReference(reference: string): { registry: string; repository: string; digest: string } {
  const [name = '', digest = ''] = reference.split('@');
  const [first = '', ...rest] = name.split('/');
  // As a container runtime tells a registry from the first part of a repository: https://pkg.go.dev/github.com/distribution/reference
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? { registry: first, repository: rest.join('/'), digest } : { registry: '', repository: name, digest };
}
