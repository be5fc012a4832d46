import type { Platform } from '../config/platform';
import { isCommit } from '../images/pinned-image';

/** A commit of a service, at GitHub. Undefined where the service names no repository, or where it is no commit. */
export function commitLink({ services }: Platform, service: string, commit: string): string | undefined {
  const github = services.find(({ name }) => name === service)?.github;
  // owner@id/name@id, where OIDC tokens carry the ids.
  return github && isCommit(commit)
    ? `https://github.com/${github.replace(/@[0-9]+/g, '')}/commit/${commit}`
    : undefined;
}
