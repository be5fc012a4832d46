import { ExplainedError } from '../text/explained-error';
import type { ImageRequest } from './request';

/**
 * - `missing-image`: the repository has no such tag. It heals by itself when the image is still building.
 * - `missing-repository`, `no-access`, `credentials`: a person must set something up.
 * - `throttled`, `timeout`, `unreachable`: the registry did not answer; a later run may find it well.
 * - `no-commit`, `malformed-digest`, `archived`: there is an image, and it must not be deployed.
 * - `not-converged`: the environment before this one has not converged on it, and nothing of it runs here.
 * - `unproven`: nothing proves that it is what its tag says.
 * - `no-trust-root`: whom to trust for a proof could not be asked; a later run may find it well.
 * - `not-locked`: the lock or the cluster knows no image for the request.
 */
export type ImageProblemKind =
  | 'missing-image'
  | 'missing-repository'
  | 'no-access'
  | 'credentials'
  | 'throttled'
  | 'timeout'
  | 'unreachable'
  | 'no-commit'
  | 'malformed-digest'
  | 'archived'
  | 'not-converged'
  | 'unproven'
  | 'no-trust-root'
  | 'not-locked';

/** Thrown when one image request can't be answered. The message says what was found and what to do. */
export class ImageProblem extends Error {
  override readonly name = 'ImageProblem';

  constructor(
    readonly request: ImageRequest,
    readonly kind: ImageProblemKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown when a run can't pin all its images. Carries every problem, so that one run shows all there is to mend. */
export class UnresolvedImages extends ExplainedError {
  override readonly name = 'UnresolvedImages';

  /** @param problems - in the order of the requests. */
  constructor(
    readonly problems: readonly ImageProblem[],
    readonly requested: number,
  ) {
    const header = `${problems.length} of ${requested} images cannot be deployed, so nothing is:`;
    super([header, ...byMessage(problems)].join('\n'));
  }
}

/** One block a message: what stops every request alike (no credentials, say) is explained once. */
function byMessage(problems: readonly ImageProblem[]): string[] {
  const blocks = new Map<string, ImageRequest[]>();
  for (const { message, request } of problems) blocks.set(message, [...(blocks.get(message) ?? []), request]);
  return [...blocks].map(
    ([message, requests]) => `  ${requests.map(named).join('\n  ')}\n    ${message.replaceAll('\n', '\n    ')}`,
  );
}

function named({ service, release, repository, tag, tenants }: ImageRequest): string {
  const wantedBy = tenants.length === 0 ? '' : `, wanted by ${abridged(tenants)}`;
  return `${service} ${release} (tag ${tag} in ${repository}${wantedBy})`;
}

function abridged(tenants: readonly string[]): string {
  return tenants.length <= 3
    ? tenants.join(', ')
    : `${tenants.slice(0, 2).join(', ')} and ${tenants.length - 2} more tenants`;
}
