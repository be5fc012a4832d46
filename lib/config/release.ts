/**
 * The image tag of a release branch, by docker/metadata-action's rule: `releases/0.0.2` is pushed as `releases-0.0.2`.
 * The rule is lossy: `releases/a/b` and `releases/a-b` share a tag.
 */
export function releaseTag(release: string): string {
  return release.replace(/[^a-zA-Z0-9._-]+/g, '-');
}
