import { shortCommit } from '../images/pinned-image';
import { NAMESPACE_PREFIX } from '../tenant/names';
import type { Condition, Evidence, ObservedService } from '../tenant/status';
import { jobName } from './failed-runs';
import type { LiveTenant } from './live-tenant';
import { BEING_DELETED, NOT_OBSERVED, nextStep, RUN_FAILED } from './next-step';
import { readiness } from './readiness';

/** Whether a tenant is well, and what is wrong if it is not: all from its Tenant alone, which whoever is on call may read. */
export interface Why {
  readonly tenant: string;
  readonly ready: Condition['status'];
  /** Waits for a person: it will not get ready by itself. */
  readonly stalled: boolean;
  /** ISO 8601, UTC: since when it is ready, or is not; absent while nobody knows. */
  readonly since?: string;
  /** What the operator says of it. */
  readonly message: string;
  /** What matters most first. */
  readonly problems: readonly WhyProblem[];
}

export interface WhyProblem {
  readonly reason: string;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly since?: string;
  /** Services of which more was seen. */
  readonly services: readonly IllService[];
  /** What to type next. */
  readonly next: string;
}

export interface IllService {
  readonly service: string;
  /** Of the pods that the evidence is about. */
  readonly commit: string;
  /** What every pod ran before; absent where nothing did, or where it is this that is ill. */
  readonly before?: string;
  /** Of the pods that are available meanwhile; empty where none is, absent where nobody knows. */
  readonly meanwhile?: string;
  readonly evidence: readonly Evidence[];
}

/** The parts of being ready. What they say and Ready does too is said once. */
const CONDITIONS = ['Ready', 'DatabaseReady', 'ServicesReady', 'Healthy'];

/**
 * What is wrong with a tenant, and what to type next.
 *
 * @param imageOf - the service whose image a service runs.
 */
export function whyOf(live: LiveTenant, imageOf: (service: string) => string = (service) => service): Why {
  const { ready, stalled, since, reason, message } = readiness(live);
  const unobserved = reason === NOT_OBSERVED && ready === 'Unknown';
  const problems = unobserved
    ? [withNext(live, { reason, message, services: [] }, imageOf)]
    : [...conditionProblems(live, imageOf), ...failedRunProblems(live)];
  return {
    tenant: live.metadata.name,
    ready,
    stalled,
    ...(since !== undefined && { since }),
    message,
    problems: [...deletion(live, imageOf), ...problems],
  };
}

type Found = Omit<WhyProblem, 'next'>;

function conditionProblems(live: LiveTenant, imageOf: (service: string) => string): WhyProblem[] {
  const conditions = CONDITIONS.flatMap((type) => live.status?.conditions?.filter((one) => one.type === type) ?? []);
  const wrong = conditions.filter(({ status }) => status === 'False');
  const distinct = wrong.filter(
    (one, index) =>
      wrong.findIndex(({ reason, message }) => reason === one.reason && message === one.message) === index,
  );
  const ofServices = wrong.find(({ type }) => type === 'ServicesReady') ?? distinct[0];
  return distinct.map((one) => {
    const isOfServices = one.reason === ofServices?.reason && one.message === ofServices.message;
    const { reason, message, lastTransitionTime: since } = one;
    return withNext(live, { reason, message, since, services: isOfServices ? illServices(live) : [] }, imageOf);
  });
}

/** Jobs on a schedule: nobody else waits for them. */
function failedRunProblems(live: LiveTenant): WhyProblem[] {
  return observedServices(live)
    .filter(({ lastRun }) => lastRun?.result === 'Failed')
    .map((observed) => {
      const { name, lastRun, evidence = [] } = observed;
      const since = lastRun?.scheduledAt ?? '';
      const kubectl = `kubectl --namespace ${NAMESPACE_PREFIX}${live.metadata.name}`;
      return {
        reason: RUN_FAILED,
        message: `the last run of ${name} failed`,
        since,
        services: evidence.length > 0 ? [illService(live, observed)] : [],
        next:
          evidence.length > 0
            ? `${kubectl} create job "${name}-$(date +%s)" --from=cronjob/${name}`
            : `${kubectl} logs job/${jobName(name, since)}`,
      };
    });
}

function deletion(live: LiveTenant, imageOf: (service: string) => string): WhyProblem[] {
  const { deletionTimestamp: since, finalizers = [] } = live.metadata;
  if (since === undefined) return [];
  const kept = finalizers.length === 0 ? '' : `, and kept until who set them takes off ${finalizers.join(', ')}`;
  return [
    withNext(live, { reason: BEING_DELETED, message: `it is being deleted${kept}`, since, services: [] }, imageOf),
  ];
}

function withNext(live: LiveTenant, found: Found, imageOf: (service: string) => string): WhyProblem {
  const { metadata, spec } = live;
  const ill = found.services.find(({ before }) => before !== undefined) ?? found.services[0];
  const goBack = ill?.before && `npx tenantry freeze --pin ${imageOf(ill.service)}=${ill.before.slice(0, 12)}`;
  const stuck = {
    tenant: metadata.name,
    spec,
    message: found.message,
    ...(ill && { ill: ill.service }),
    answers: found.services.every(({ meanwhile }) => meanwhile !== ''),
    ...(goBack && { goBack }),
  };
  return { ...found, next: nextStep(found.reason, stuck) };
}

/** Those that always run, or migrate. */
function illServices(live: LiveTenant): IllService[] {
  return observedServices(live)
    .filter(({ lastRun, evidence = [] }) => evidence.length > 0 && lastRun?.result !== 'Failed')
    .map((observed) => illService(live, observed));
}

function illService(
  { spec }: LiveTenant,
  { name, commit: reached, lastRun, evidence = [], answering }: ObservedService,
): IllService {
  const asked = spec.services.find((service) => service.name === name)?.commit ?? '';
  const commit = evidence[0]?.commit ?? asked;
  const isOther = reached !== undefined && reached !== commit && lastRun === undefined;
  return {
    service: name,
    commit,
    ...(isOther && { before: reached }),
    ...(answering !== undefined && { meanwhile: answering }),
    evidence,
  };
}

function observedServices({ status }: LiveTenant): readonly ObservedService[] {
  return status?.services ?? [];
}

/** `web-client bad0bad`. */
export function buildText({ service, commit }: IllService): string {
  return commit === '' ? service : `${service} ${shortCommit(commit)}`;
}
