import { z } from 'zod';
import { withoutIds } from '../config/without-ids';
import { builtImages, pushRole, roleArn } from '../stacks/wanted-roles';
import { keyFindings } from './environments';
import type { GitHubSystem } from './github-reader';
import type { Finding } from './step';
import { subjectFindings } from './tokens';
import { CLIENT_ID, variableFindings } from './variables';

export async function* applicationFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const images = builtImages(platform);
  const own = withoutIds(platform.github);
  const repositories = [...new Set(images.map((image) => image.github))].filter((one) => withoutIds(one) !== own);
  for (const repository of repositories) {
    try {
      yield* subjectFindings(github, repository);
      yield* keyFindings(github, repository, platform.branch);
      const built = images.filter((image) => image.github === repository);
      const [only, ...others] = built.map((image) => roleArn(platform, pushRole(platform, image).name));
      yield* variableFindings(await github.variables(repository), repository, {
        AWS_REGION: platform.registry.region,
        // One that builds several has a variable for each, by names of its own.
        ...(others.length === 0 && { TENANTRY_PUSH_ROLE: platform.registry.shared ? undefined : only }),
      });
      // Another App's key dispatches nothing here: that of this repository is the one that is installed on it.
      const app = (await github.variables(platform.github)).get(CLIENT_ID);
      yield* variableFindings(await github.variables(repository), repository, { [CLIENT_ID]: app });
    } catch (error) {
      yield { unknown: (error as Error).message };
    }
  }
  if (!(await github.repository(platform.github)).private) return;
  const { access_level: access } = await github.of(
    platform.github,
    '/actions/permissions/access',
    z.object({ access_level: z.string() }),
    `who may use the workflows of ${own}`,
  );
  if (access === 'none') {
    yield {
      flaw: `${own} is private, and lets nobody use its workflows: https://github.com/${own}/settings/actions, "Access"`,
    };
  }
}
