import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { wantsProof } from '../images/provenance/expected-build';
import { OPERATOR } from '../images/request';
import { graceMinutes, SCHEDULE_MINUTES } from '../run-report/grace';
import { deployerRole, operatorImage, plannerRole, pushRole, roleArn } from '../stacks/wanted-roles';
import type { GitHubReader, GitHubSystem } from './github-reader';
import type { Finding } from './step';

/** Of the App that dispatches. */
export const CLIENT_ID = 'TENANTRY_APP_CLIENT_ID';
/** Of the App that shows deployments in the application repositories, which need not be. */
const DEPLOYMENTS_CLIENT_ID = 'TENANTRY_DEPLOYMENTS_APP_CLIENT_ID';
const DEPLOYMENTS_KEY = 'TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY';

const REGION = 'AWS_REGION';
const SLACK = 'TENANTRY_SLACK';
const SLACK_SUCCESS = 'TENANTRY_SLACK_SUCCESS';
const WEBHOOK = 'TENANTRY_SLACK_WEBHOOK';
const ATTEST = 'TENANTRY_ATTEST';
const GRACE = 'TENANTRY_GRACE';

/** What the workflows of this repository read. What a GitHub environment has goes before what the repository has, for the deploy alone. */
export async function* valueFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const { environment: named, github: repository, registry } = platform;
  const shared = await github.variables(repository);
  const there = named !== undefined && (await github.environment(repository, named)) !== undefined;
  const environment = there ? named : undefined;
  const its = there ? await github.environmentVariables(repository, named) : new Map<string, string>();
  const deploys = new Map([...shared, ...its]);
  const push = roleArn(platform, pushRole(platform, operatorImage(platform)).name);
  yield* plannerFindings(shared, platform);
  const region = { [REGION]: registry.region };
  if (its.has(REGION) && !shared.has(REGION)) {
    yield {
      flaw: `${REGION} is in the environment ${environment} alone, and review and release-operator read that of the repository: gh variable set ${REGION} ${place(repository)} --body ${registry.region}`,
    };
  } else yield* variableFindings(shared, repository, region);
  yield* variableFindings(shared, repository, {
    TENANTRY_PUSH_OPERATOR_ROLE: registry.shared ? undefined : push,
    [CLIENT_ID]: undefined,
  });
  const deployer = { TENANTRY_DEPLOYER_ROLE: roleArn(platform, deployerRole(platform).name) };
  const own = its.has(REGION) ? { ...region, ...deployer } : deployer;
  yield* variableFindings(deploys, repository, own, environment);
  const setAt = (name: string) => place(repository, its.has(name) ? environment : undefined);
  yield* attestFindings(shared.get(ATTEST), platform);
  for (const name of [SLACK, SLACK_SUCCESS]) yield* switchFindings(name, deploys.get(name), setAt(name));
  yield* graceFindings(deploys.get(GRACE), setAt(GRACE));
  yield* secretFindings(github, repository, deploys, environment);
}

/** Of the GitHub environment of deploys, where there is one, and of the repository. */
async function* secretFindings(
  github: GitHubReader,
  repository: string,
  deploys: ReadonlyMap<string, string>,
  environment: string | undefined,
): AsyncGenerator<Finding> {
  const slack = isTrue(deploys.get(SLACK));
  const deployments = deploys.has(DEPLOYMENTS_CLIENT_ID);
  // Who may read variables may not be shown secrets: asked for where there may be some.
  if (!slack && !deployments && environment === undefined) return;
  const everyBranchs = await github.secrets(repository);
  const its = environment === undefined ? [] : await github.environmentSecrets(repository, environment);
  const all = new Set([...everyBranchs, ...its]);
  if (slack && !all.has(WEBHOOK)) {
    yield {
      flaw: `${SLACK} is true, and there is no secret ${WEBHOOK}: gh secret set ${WEBHOOK} ${place(repository, environment)}`,
    };
  }
  const set = `gh secret set ${DEPLOYMENTS_KEY} ${place(repository, environment)} < key.pem`;
  if (deployments && !all.has(DEPLOYMENTS_KEY)) {
    yield { flaw: `there is ${DEPLOYMENTS_CLIENT_ID}, and no secret ${DEPLOYMENTS_KEY}: ${set}` };
  }
  if (environment !== undefined && everyBranchs.has(DEPLOYMENTS_KEY)) {
    yield {
      flaw: `every branch of ${withoutIds(repository)} gets the secret ${DEPLOYMENTS_KEY}: delete it, and give a new key to the environment ${environment} alone: gh secret delete ${DEPLOYMENTS_KEY} ${place(repository)} && ${set}`,
    };
  }
}

/** As a workflow compares: "GitHub ignores case when comparing strings", https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators */
const isTrue = (value: string | undefined) => value?.toLowerCase() === 'true';
const isFalse = (value: string | undefined) => value?.toLowerCase() === 'false';

async function* switchFindings(name: string, value: string | undefined, where: string): AsyncGenerator<Finding> {
  if (value === undefined || isTrue(value) || isFalse(value)) return;
  yield {
    flaw: `${name} is ${value}, which is neither true nor false: gh variable set ${name} ${where} --body true`,
  };
}

async function* attestFindings(value: string | undefined, platform: Platform): AsyncGenerator<Finding> {
  const where = place(platform.github);
  yield* switchFindings(ATTEST, value, where);
  if (isFalse(value) && wantsProof(OPERATOR, platform)) {
    yield {
      flaw: `${ATTEST} is false, and the platform file wants the operator's image attested ("provenance: required"), so none is deployed: gh variable set ${ATTEST} ${where} --body true, or say "operator: { provenance: unchecked }" in the platform file`,
    };
  }
}

async function* graceFindings(value: string | undefined, where: string): AsyncGenerator<Finding> {
  // The workflow takes its own for an empty one.
  if (!value) return;
  const minutes = graceMinutes(value);
  if (minutes !== undefined && minutes < SCHEDULE_MINUTES) return;
  const why =
    minutes === undefined
      ? 'and must be a whole number of minutes, or no run is reported'
      : `and must be less than the ${SCHEDULE_MINUTES} of the schedule, or no run finds that dispatching is broken`;
  yield { flaw: `${GRACE} is ${value}, ${why}: gh variable set ${GRACE} ${where} --body 5` };
}

/** Where a value is set, for the command that sets it: in a GitHub environment, or in the repository. */
function place(repository: string, environment?: string): string {
  return `${environment === undefined ? '' : `--env ${environment} `}--repo ${withoutIds(repository)}`;
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
  const where = place(repository, environment);
  for (const [name, value] of Object.entries(wanted)) {
    const actual = found.get(name);
    const set = `gh variable set ${name} ${where} --body ${value ?? '...'}`;
    if (actual === undefined) yield { flaw: `${withoutIds(repository)} has no variable ${name}: ${set}` };
    else if (value !== undefined && actual !== value) {
      yield { flaw: `${name} of ${withoutIds(repository)} is ${actual}: ${set}` };
    }
  }
}
