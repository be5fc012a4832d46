import { withoutIds } from '../config/without-ids';

/** Subjects of the jobs that run for a branch of `repository`, outside of any GitHub environment. */
export function branchSubjects(repository: string, branch: string): string[] {
  return subjects(repository, `ref:refs/heads/${branch}`);
}

/** Subjects of the jobs that run in a GitHub environment of `repository`, whatever their branch. */
export function environmentSubjects(repository: string, environment: string): string[] {
  return subjects(repository, `environment:${environment.replaceAll(':', '%3A')}`);
}

/** Subjects of the jobs that run for a pull request to `repository`. */
export function pullRequestSubjects(repository: string): string[] {
  return subjects(repository, 'pull_request');
}

/**
 * The `sub` of a job's OIDC token. Repositories made since 2026-07-15 send `repo:owner@id/name@id:...`, older ones the
 * names alone. A repository given with its ids may send either, until it has changed over.
 */
function subjects(repository: string, context: string): string[] {
  const names = withoutIds(repository);
  return [...new Set([names, repository])].map((form) => `repo:${form}:${context}`);
}
