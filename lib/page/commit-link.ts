import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { isCommit } from '../images/pinned-image';

/** A commit of a service, at GitHub. Undefined where the service names no repository, or where it is no commit. */
export function commitLink({ services }: Platform, service: string, commit: string): string | undefined {
  const github = services.find(({ name }) => name === service)?.github;
  return github && isCommit(commit) ? `https://github.com/${withoutIds(github)}/commit/${commit}` : undefined;
}
