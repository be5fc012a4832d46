/** Patterns of the tags that move from image to image. Every other tag stays on its image: a commit's tag can't be pushed twice. */
export const MOVING_TAGS: readonly string[] = ['latest', 'releases-*'];

/**
 * The image tag of a release branch, by docker/metadata-action's rule: `releases/0.0.2` is pushed as `releases-0.0.2`.
 * The rule is lossy: `releases/a/b` and `releases/a-b` share a tag.
 */
export function releaseTag(release: string): string {
  return release.replace(/[^a-zA-Z0-9._-]+/g, '-');
}
