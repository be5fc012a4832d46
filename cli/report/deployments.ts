import { appendFileSync } from 'node:fs';
import { loadConfiguration } from '../../lib/config/load';
import type { Platform } from '../../lib/config/platform';
import { GitHubDeployments } from '../../lib/deployments/github-deployments';
import { arrived, placesOf } from '../../lib/deployments/place';
import { tellGitHub } from '../../lib/deployments/tell-github';
import { toldSummary, toldWarning, untold, warning } from '../../lib/deployments/told';
import { type WantedDeployment, wantedDeployments, wantedOperator } from '../../lib/deployments/wanted-deployment';
import { askHealth } from '../../lib/fleet/health/ask-health';
import { HealthAnswers } from '../../lib/fleet/health/health-answers';
import { type HealthQuestion, questionsTo } from '../../lib/fleet/health/health-question';
import { ingressAddress } from '../../lib/fleet/health/ingress-address';
import { readLiveCluster } from '../../lib/fleet/live-cluster';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { OPERATOR_DEPLOYMENT, operatorIn } from '../../lib/fleet/running-images';
import { type PinnedImage, parseReference } from '../../lib/images/pinned-image';
import { ExplainedError } from '../../lib/text/explained-error';

/** Milliseconds that an answer about a service's health may take, and that GitHub may take for all: other runs wait. */
const HEALTH_DEADLINE = 5_000;
const PATIENCE = 3 * 60_000;

/**
 * Brings GitHub to say what is deployed: what the cluster has now, whatever the run did. Whatever stands in the way is a warning, for the run is
 * about something else.
 *
 * @param pinned - images of the run, as far as it came.
 */
export async function tellDeployments(pinned: (platform: Platform) => readonly PinnedImage[]): Promise<void> {
  const { GITHUB_TOKEN: token, TENANTRY_DEPLOYMENTS_APP: app } = process.env;
  if (!token && !app) return tell(untold('not written: no App is named that may write them (docs/workflows.md)'));
  if (!token) {
    const why =
      'There is no token: the step that gets one says why. Is the App installed, and its private key in the secret?';
    return tell(untold('not written: there is no token'), warning([why]));
  }
  try {
    const { platform } = loadConfiguration();
    const told = await tellGitHub(await wantedNow(platform, pinned(platform)), new GitHubDeployments(access(token)));
    tell(toldSummary(told), toldWarning(told));
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error;
    tell(untold('not written: what is deployed could not be read'), warning(error.message.split('\n')));
  }
}

async function wantedNow(platform: Platform, pinned: readonly PinnedImage[]): Promise<WantedDeployment[]> {
  const { tenants, objects } = await readLiveCluster(platform.cluster, [OPERATOR_DEPLOYMENT]);
  const questions = tenants.flatMap((live) => questionsOf(live, pinned));
  const ingress = ingressAddress();
  const answers = new HealthAnswers((question) => askHealth(question, { deadline: HEALTH_DEADLINE, ingress }));
  await answers.ask(questions);
  const asked = new Map(questions.map((question) => [`${question.tenant} ${question.service}`, question]));
  const places = tenants.flatMap((live) =>
    placesOf(live, platform, (tenant, service) => {
      const question = asked.get(`${tenant} ${service}`);
      return question && answers.health(question);
    }),
  );
  const operator = wantedOperator(platform, operatorIn(objects));
  return [...wantedDeployments(platform, places), ...(operator ? [operator] : [])];
}

/** What to ask of those services that run what they should. One digest may have been built from several commits, as the run's images tell. */
function questionsOf(live: LiveTenant, pinned: readonly PinnedImage[]): HealthQuestion[] {
  const there = arrived(live).map(({ name }) => name);
  return questionsTo(live, ({ image, commit }) => {
    const { digest } = parseReference(image);
    const alike = pinned.filter((one) => one.digest === digest).flatMap(({ commits }) => commits);
    return { digest, commits: [commit, ...alike] };
  }).filter(({ service }) => there.includes(service));
}

function access(token: string) {
  const {
    GITHUB_API_URL: api = 'https://api.github.com',
    GITHUB_SERVER_URL,
    GITHUB_REPOSITORY,
    GITHUB_RUN_ID,
  } = process.env;
  const isRun = GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID;
  const run = isRun && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  return { api, token, patience: PATIENCE, ...(run && { run }) };
}

function tell(summary: string, warning?: string): void {
  const { GITHUB_STEP_SUMMARY: file } = process.env;
  if (file) appendFileSync(file, summary);
  else process.stdout.write(summary);
  if (warning !== undefined) console.log(warning);
}
