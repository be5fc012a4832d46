import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { isCommit } from '../images/pinned-image';
import { OPERATOR } from '../images/request';

/**
 * What lies between two commits of a service, at GitHub. Undefined where the service names no repository, or where one of the two is no
 * commit.
 */
export function compareLink(platform: Platform, service: string, from: string, to: string): string | undefined {
  if (!isCommit(from) || !isCommit(to) || from === to) return undefined;
  const github =
    service === OPERATOR ? platform.github : platform.services.find(({ name }) => name === service)?.github;
  return github && `https://github.com/${withoutIds(github)}/compare/${from}...${to}`;
}
