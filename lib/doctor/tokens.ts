import { z } from 'zod';
import { withoutIds } from '../config/without-ids';
import type { GitHubReader } from './github-reader';
import type { Finding } from './step';

/** From this day on repositories are made whose tokens carry ids. */
const WITH_IDS = new Date('2026-07-15T00:00:00Z');

/** What `sub` in the tokens of a repository's jobs is, is what the roles in AWS trust. */
export async function* subjectFindings(github: GitHubReader, repository: string): AsyncGenerator<Finding> {
  const { id, owner, created_at: made } = await github.repository(repository);
  const [ownerName, name] = withoutIds(repository).split('/');
  const full = `${ownerName}@${owner.id}/${name}@${id}`;
  if (repository !== full && (made >= WITH_IDS || repository.includes('@'))) {
    yield {
      flaw: `the tokens of ${withoutIds(repository)} carry ids: write ${full} in the platform file, and deploy the registry stack`,
    };
  }
  const customised = await github.of(
    repository,
    '/actions/oidc/customization/sub',
    z.object({ use_default: z.boolean() }),
    `what the tokens of ${withoutIds(repository)} have as subject`,
  );
  if (!customised.use_default) {
    yield {
      flaw: `the subject of the tokens of ${withoutIds(repository)} was customised: AWS trusts GitHub's default`,
    };
  }
}
