import { withoutIds } from '../config/without-ids';
import type { GitHubReader } from './github-reader';
import type { Finding } from './step';

/** In which the App's key lies, in every repository that has it: publish-image.yml says so. */
const KEY_ENVIRONMENT = 'dispatch';
const KEY = 'TENANTRY_APP_PRIVATE_KEY';

/** Whoever has the key may write to this repository: so no branch but the one that was reviewed gets it. */
export async function* keyFindings(github: GitHubReader, repository: string, branch: string): AsyncGenerator<Finding> {
  yield* environmentFindings(github, repository, KEY_ENVIRONMENT, branch);
  const name = withoutIds(repository);
  if (await github.environment(repository, KEY_ENVIRONMENT)) {
    const set = `gh secret set ${KEY} --env ${KEY_ENVIRONMENT} --repo ${name} < key.pem`;
    const secrets = await github.environmentSecrets(repository, KEY_ENVIRONMENT);
    if (!secrets.has(KEY)) yield { flaw: `${KEY_ENVIRONMENT} of ${name} has no secret ${KEY}: ${set}` };
  }
  if ((await github.secrets(repository)).has(KEY)) {
    yield {
      flaw: `every branch of ${name} gets the secret ${KEY}: delete it, and make a new key: gh secret delete ${KEY} --repo ${name}`,
    };
  }
}

export async function* environmentFindings(
  github: GitHubReader,
  repository: string,
  environment: string,
  branch: string,
): AsyncGenerator<Finding> {
  const found = await github.environment(repository, environment);
  const name = `${environment} of ${withoutIds(repository)}`;
  if (!found) {
    yield { flaw: `there is no environment ${name}` };
    return;
  }
  const { refs, waits } = found;
  if (refs === undefined) yield { flaw: `any branch may use the environment ${name}: limit it to ${branch}` };
  else if (refs.length !== 1 || refs[0]?.name !== branch || refs[0].type !== 'branch') {
    yield {
      flaw: `the environment ${name} is for ${refs.map((one) => `${one.type} ${one.name}`).join(', ') || 'no branch'}, and should be for ${branch} alone`,
    };
  }
  if (waits.length > 0)
    yield { flaw: `runs wait in the environment ${name} (${waits.join(', ')}), and hold up others` };
}
