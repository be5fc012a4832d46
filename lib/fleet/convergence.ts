import { imageService } from '../config/image-service';
import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { commitOf } from '../images/pinned-image';
import { plainText } from '../text/harmless';
import { divergences } from './divergence';
import type { Health } from './health/health';
import { type HealthQuestion, healthQuestions, healthUrl } from './health/health-question';
import { beingDeleted } from './leaving';
import type { LiveTenant } from './live-tenant';
import { readiness } from './readiness';

/**
 * What a tenant goes through after it was deployed, in this order: its Tenant is there, has the images of the run, was observed by the
 * operator, is ready, and its services are healthy from outside.
 */
/** A message of the operator's ends with what to do: whoever cuts it cuts that. */
const WITH_ADVICE = 2_000;

export type Step = 'missing' | 'images' | 'observed' | 'ready' | 'health';

/** How far a tenant has come. All text in it is harmless, whoever wrote it. */
export interface Convergence {
  readonly tenant: string;
  readonly ring: string;
  readonly converged: boolean;
  /** Where it is stuck; absent once it has converged. */
  readonly step?: Step;
  /** Waits for a person: it will not converge by itself. */
  readonly stalled: boolean;
  /** One word in CamelCase: the reason of its condition Ready, or what is wrong at the step. */
  readonly reason: string;
  /** What its condition Ready says. */
  readonly message: string;
  /** What shows that it is stuck there, in one line. */
  readonly evidence: string;
  readonly services: readonly ServiceConvergence[];
}

export interface ServiceConvergence {
  readonly name: string;
  /** Of the run. */
  readonly commit: string;
  readonly digest: string;
  /** Where it is asked for its health; absent while it is not, and for what is not reached from outside. */
  readonly url?: string;
  /** Absent until it has answered. */
  readonly health?: Health;
}

/** Whether it keeps what it runs until others are well: they are the cause, and it says nothing of its own. */
export function isHeld({ reason }: Convergence): boolean {
  return reason === 'RingHeld' || reason === 'RolloutQueued';
}

/** Where a tenant is, with what is still to be asked of it. */
export interface Look {
  readonly convergence: Convergence;
  /** Empty unless all but its health is as it should be. */
  readonly questions: readonly HealthQuestion[];
}

/** The reasons of the condition Ready of tenants that run nothing, as the operator gives them. */
const DECOMMISSIONED = 'Decommissioned';
const SUSPENDED = 'Suspended';

/** How far a tenant has come, from its Tenant as it is live, if it is, and from what its services answered so far. */
export function lookAt(
  tenant: Tenant,
  images: ImageSet,
  live: LiveTenant | undefined,
  healthOf: (question: HealthQuestion) => Health | undefined,
): Look {
  const { name, ring } = tenant;
  const services = tenant.services.map((service): ServiceConvergence => {
    const image = images.findImage(name, imageService(service));
    return { name: service.name, commit: commitOf(image), digest: image.digest };
  });
  const stuck = (step: Step, reason: string, evidence: string, message = '', stalled = false): Look => ({
    convergence: { tenant: name, ring, converged: false, step, stalled, reason, message, evidence, services },
    questions: [],
  });

  if (!live) return stuck('missing', 'Missing', 'it is not in the cluster');
  // A run after it is gone makes it again.
  if (live.metadata.deletionTimestamp !== undefined)
    return stuck('missing', 'BeingDeleted', `it is ${beingDeleted(live)}`);
  const { ready, stalled, ...condition } = readiness(live);
  const [reason, message] = [plainText(condition.reason, 80), plainText(condition.message, WITH_ADVICE)];
  const lacking = divergences(tenant, images, live).map((one) => plainText(`${one.service} ${one.message}`));
  if (lacking.length > 0) return stuck('images', 'OtherImages', firstOf(lacking), message);
  if (ready === 'Unknown' && reason === 'NotObserved') return stuck('observed', reason, message, message);
  if (ready !== 'True') return stuck('ready', reason, message, message, stalled);
  if (tenant.decommission !== (reason === DECOMMISSIONED)) {
    const asked = tenant.decommission ? 'decommissions it' : 'does not decommission it';
    return stuck('ready', reason, `its file ${asked}, and what is live was not deployed from it`, message);
  }
  if (!tenant.decommission && tenant.suspend !== (reason === SUSPENDED)) {
    const asked = tenant.suspend ? 'suspends it' : 'does not suspend it';
    return stuck('ready', reason, `its file ${asked}, and what is live was not deployed from it`, message);
  }
  return lookAtHealth(
    { tenant: name, ring, converged: true, stalled: false, reason, message, evidence: message, services },
    healthQuestions(tenant, images, live),
    healthOf,
  );
}

/** How far a tenant has come that has converged but for its health. */
function lookAtHealth(
  ready: Convergence,
  questions: readonly HealthQuestion[],
  healthOf: (question: HealthQuestion) => Health | undefined,
): Look {
  const services = ready.services.map((service): ServiceConvergence => {
    const question = questions.find((one) => one.service === service.name);
    const health = question && healthOf(question);
    return { ...service, ...(question && { url: plainText(healthUrl(question)) }), ...(health && { health }) };
  });
  const unwell = services.filter(({ url, health }) => url !== undefined && !health?.healthy);
  const [first] = unwell;
  if (!first) return { convergence: { ...ready, services }, questions };
  const { tenant, ring, stalled, message } = ready;
  const reason = first.health?.reason ?? 'NotAsked';
  const evidence = firstOf(
    unwell.map(({ name, url, health }) => `${name} at ${url} ${health?.evidence ?? 'was not asked yet'}`),
  );
  return {
    convergence: { tenant, ring, converged: false, step: 'health', stalled, reason, message, evidence, services },
    questions,
  };
}

/** The first of several pieces of evidence, and how many there are besides. */
function firstOf([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}
