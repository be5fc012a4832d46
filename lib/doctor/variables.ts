import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { deployerRole, operatorImage, plannerRole, pushRole, roleArn } from '../stacks/wanted-roles';
import type { GitHubSystem } from './github-reader';
import type { Finding } from './step';

/** Of the App that dispatches. */
export const CLIENT_ID = 'TENANTRY_APP_CLIENT_ID';
/** Of the App that shows deployments in the application repositories, which need not be. */
const DEPLOYMENTS_CLIENT_ID = 'TENANTRY_DEPLOYMENTS_APP_CLIENT_ID';
const DEPLOYMENTS_KEY = 'TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY';

/** What the workflows of this repository read. What a GitHub environment has goes before what the repository has, for the deploy alone. */
export async function* valueFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const { environment, github: repository, registry } = platform;
  const shared = await github.variables(repository);
  const there = environment !== undefined && (await github.environment(repository, environment)) !== undefined;
  const deploys = there
    ? new Map([...shared, ...(await github.environmentVariables(repository, environment))])
    : shared;
  const push = roleArn(platform, pushRole(platform, operatorImage(platform)).name);
  yield* plannerFindings(shared, platform);
  yield* variableFindings(shared, repository, {
    TENANTRY_PUSH_OPERATOR_ROLE: registry.shared ? undefined : push,
    [CLIENT_ID]: undefined,
  });
  const wanted = {
    AWS_REGION: registry.region,
    TENANTRY_DEPLOYER_ROLE: roleArn(platform, deployerRole(platform).name),
  };
  yield* variableFindings(deploys, repository, wanted, there ? environment : undefined);
  const secrets = async () => {
    const its = there ? await github.environmentSecrets(repository, environment) : [];
    return new Set([...(await github.secrets(repository)), ...its]);
  };
  if (deploys.get('TENANTRY_SLACK') === 'true' && !(await secrets()).has('TENANTRY_SLACK_WEBHOOK')) {
    yield { flaw: 'TENANTRY_SLACK is true, and there is no secret TENANTRY_SLACK_WEBHOOK' };
  }
  if (deploys.get(DEPLOYMENTS_CLIENT_ID) && !(await secrets()).has(DEPLOYMENTS_KEY)) {
    yield { flaw: `there is ${DEPLOYMENTS_CLIENT_ID}, and no secret ${DEPLOYMENTS_KEY}` };
  }
}

/** `review` runs in no GitHub environment, so each has a variable of its own where there are several: docs/environments.md. */
async function* plannerFindings(found: ReadonlyMap<string, string>, platform: Platform): AsyncGenerator<Finding> {
  const { environment, github: repository } = platform;
  const alone = 'TENANTRY_PLANNER_ROLE';
  const own = environment && `${alone}_${environment.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
  const role = roleArn(platform, plannerRole(platform).name);
  if (own && !found.has(own) && !found.has(alone)) {
    const set = `gh variable set ${own} --repo ${withoutIds(repository)} --body ${role}`;
    yield {
      flaw: `${withoutIds(repository)} has no variable ${own}, nor ${alone}; it is the one that review.yml reads: ${set}`,
    };
    return;
  }
  yield* variableFindings(found, repository, { [own && found.has(own) ? own : alone]: role });
}

export async function* variableFindings(
  found: ReadonlyMap<string, string>,
  repository: string,
  /** Undefined for one of which only its being there can be told. */
  wanted: Readonly<Record<string, string | undefined>>,
  /** The GitHub environment that they are set in; undefined for the repository. */
  environment?: string,
): AsyncGenerator<Finding> {
  const where = `${environment === undefined ? '' : `--env ${environment} `}--repo ${withoutIds(repository)}`;
  for (const [name, value] of Object.entries(wanted)) {
    const actual = found.get(name);
    const set = `gh variable set ${name} ${where} --body ${value ?? '...'}`;
    if (actual === undefined) yield { flaw: `${withoutIds(repository)} has no variable ${name}: ${set}` };
    else if (value !== undefined && actual !== value) {
      yield { flaw: `${name} of ${withoutIds(repository)} is ${actual}: ${set}` };
    }
  }
}
