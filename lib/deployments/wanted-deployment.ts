import type { Platform } from '../config/platform';
import { withoutIds } from '../config/without-ids';
import { alike } from '../fleet/alike';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import { operatorImage } from '../fleet/running-images';
import { isCommit } from '../images/pinned-image';
import { compare, OPERATOR } from '../images/request';
import { plainText } from '../text/harmless';
import type { Place, Progress } from './place';

/** What an environment of a GitHub repository should say. */
export interface WantedDeployment {
  /** `owner/name`. */
  readonly repository: string;
  readonly environment: string;
  /** What was deployed there; absent where nobody runs any of it. */
  readonly deployed?: { readonly commit: string; readonly release: string };
  readonly state: Progress | 'inactive';
  /** Why, for people: at most 140 characters, and the same as long as nothing has changed. */
  readonly description: string;
  readonly service: string;
  /** Where it can be looked at. */
  readonly url?: string;
}

/** GitHub refuses longer ones. https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status */
const LONGEST = 140;

/** What GitHub should say of each service in each ring. */
export function wantedDeployments(platform: Platform, places: readonly Place[]): WantedDeployment[] {
  const builders = platform.services.filter(({ image }) => image === undefined);
  const rings = [...new Set([...platform.rings.map(({ name }) => name), ...places.map(({ ring }) => ring)])];
  return builders.flatMap(({ name: service, github }) => {
    const repository = withoutIds(github);
    // Of a repository that builds several services each may be at another commit.
    const isShared = builders.filter((one) => isSame(withoutIds(one.github), repository)).length > 1;
    const isThisOne = isSame(repository, withoutIds(platform.github));
    return rings.map((ring): WantedDeployment => {
      // In this repository a ring may be called as the operator is.
      const isNamed = isShared || (isThisOne && ring === OPERATOR);
      const environment = [platform.name, ring, ...(isNamed ? [service] : [])].join('/');
      const there = places.filter((place) => place.ring === ring && place.service === service);
      return { repository, environment, service, ...inRing(there, platform) };
    });
  });
}

/**
 * What is true of a ring: the commit that its tenants are to run, of the release that most of them have. Whether they all run it is how far it is.
 */
function inRing(
  places: readonly Place[],
  { release: usual }: Platform,
): Omit<WantedDeployment, 'repository' | 'environment' | 'service'> {
  const ofRelease = most(places, ({ release }) => release, usual);
  const asked = most(ofRelease, ({ digest }) => digest);
  const [first] = most(asked, ({ commit }) => commit);
  if (!first) return { state: 'inactive', description: 'no tenant of the ring runs it' };
  const { commit, release } = first;
  const of = (progress: Progress) => asked.filter((place) => place.progress === progress);
  const others = [
    ...counted(ofRelease.length - asked.length, 'is asked for another commit', 'are asked for another commit'),
    ...counted(places.length - ofRelease.length, 'has another release', 'have another release'),
  ];
  const some = `${of('success').length} of ${tenants(asked.length)} run it`;
  const said = (state: Progress, ...what: readonly string[]) => ({
    deployed: { commit, release },
    state,
    description: plainText([...what, ...others].join('; '), LONGEST),
    ...(places.length === 1 && first.url !== undefined && { url: first.url }),
  });
  for (const state of ['failure', 'in_progress'] as const) {
    const [one] = of(state).sort((a, b) => compare(a.tenant, b.tenant));
    if (one) return said(state, `${one.tenant}: ${plainText(one.reason ?? '', 40)}`, some);
  }
  if (asked.length < ofRelease.length) return said('in_progress', some);
  if (of('queued').length > 0) return said('queued', some, 'the others wait for an earlier ring, or for their turn');
  return said('success', asked.length === 1 ? 'its tenant runs it' : `all ${tenants(asked.length)} run it`);
}

/** What this repository should say of the operator, which has no ring. Undefined where the cluster has none, or none of a known commit. */
export function wantedOperator(
  { name, github, operator }: Platform,
  deployment: KubernetesObject | undefined,
): WantedDeployment | undefined {
  const { commit } = deployment ? operatorImage(deployment) : { commit: '' };
  if (!deployment || !isCommit(commit)) return undefined;
  const { metadata, spec, status } = deployment as KubernetesObject & Rollout;
  const wanted = spec?.replicas ?? 1;
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const isThere =
    isSeen && [status?.updatedReplicas, status?.availableReplicas, status?.replicas].every((is = 0) => is === wanted);
  const gaveUp = isSeen && status?.conditions?.some(({ type, status }) => type === 'Progressing' && status === 'False');
  const state = isThere ? 'success' : gaveUp ? 'failure' : 'in_progress';
  return {
    repository: withoutIds(github),
    environment: `${name}/${OPERATOR}`,
    service: OPERATOR,
    deployed: { commit, release: operator.release },
    state,
    description: OPERATOR_IS[state],
  };
}

const OPERATOR_IS = {
  success: 'the operator runs it',
  failure: 'its pods do not get ready: kubectl --namespace tenantry-system get pods',
  in_progress: 'its pods are on their way',
} as const;

/** As much of a Deployment as tells how far it is. */
interface Rollout {
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Those that have in common what most have: of equals what is `usual`, then the first by the alphabet, so that it is no accident. */
function most(places: readonly Place[], key: (place: Place) => string, usual?: string): Place[] {
  const rank = (places: readonly [Place, ...Place[]]) => (key(places[0]) === usual ? 0 : 1);
  const groups = alike(places, key).sort(
    (a, b) => b.length - a.length || rank(a) - rank(b) || compare(key(a[0]), key(b[0])),
  );
  return groups[0] ?? [];
}

function counted(number: number, one: string, several: string): string[] {
  return number === 0 ? [] : [`${number} ${number === 1 ? one : several}`];
}

function tenants(number: number): string {
  return number === 1 ? '1 tenant' : `${number} tenants`;
}

/** GitHub does not tell upper from lower case in names. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
