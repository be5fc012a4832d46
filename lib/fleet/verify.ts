import type { Patience } from '../config/platform';
import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { type Convergence, isHeld, lookAt } from './convergence';
import type { HealthAnswer } from './health/ask-health';
import { HealthAnswers } from './health/health-answers';
import type { HealthQuestion } from './health/health-question';
import type { LiveTenant } from './live-tenant';

/** The Tenants as they are live, kept current: a `TenantWatch`. */
export interface LiveTenants {
  readonly all: readonly LiveTenant[];
  /** Returns when something has changed since the last time, and after `milliseconds` in any case. */
  change(milliseconds: number): Promise<void>;
}

export interface VerifyOptions {
  readonly tenants: readonly Tenant[];
  /** What every one of them should have. */
  readonly images: ImageSet;
  readonly live: LiveTenants;
  readonly ask: (question: HealthQuestion) => Promise<HealthAnswer>;
  readonly patience: Patience;
  /** For how many seconds those that need a person are waited for all the same: the person may just have done it, and the operator not looked. */
  readonly unseenSeconds: number;
  /** Called whenever there was a look at all of them. */
  readonly onLook?: (verification: Verification) => void;
}

/** How far tenants have come, and how long that was waited for. */
export interface Verification {
  /** In the order in which they were asked about. */
  readonly tenants: readonly Convergence[];
  readonly attempt: number;
  readonly attempts: number;
  readonly seconds: number;
}

/**
 * Waits until tenants have converged, for as many attempts as there is patience. In an attempt each service is asked for its health once, as
 * soon as the cluster says that its tenant is ready; what is healthy is not asked again. Ends when nothing is left to wait for: when all have
 * converged, or only a person could help the others.
 */
export async function verify({ patience, unseenSeconds, onLook, ...options }: VerifyOptions): Promise<Verification> {
  const { attempts, interval } = patience;
  const answers = new HealthAnswers(options.ask);
  const started = performance.now();
  const left = (intervals: number) => intervals * interval * 1000 - (performance.now() - started);

  for (let attempt = 1; ; attempt++) {
    const look = () => {
      const { tenants, due } = lookAtAll(options, answers);
      const verification = { tenants, attempt, attempts, seconds: Math.round(-left(0) / 1000) };
      onLook?.(verification);
      return { verification, due };
    };
    const asked = new Set<string>();
    do {
      const { due, verification: before } = look();
      const now = due.filter((question) => !asked.has(keyOf(question)));
      for (const question of now) asked.add(keyOf(question));
      await answers.ask(now);
      const { verification } = now.length > 0 ? look() : { verification: before };
      // Nor is an attempt begun once all of them should be over: where many hosts hang, one takes longer than it should.
      if (isOver(verification, unseenSeconds) || attempt === attempts || left(attempts) <= 0) return verification;
      if (left(attempt) > 0) await options.live.change(left(attempt));
    } while (left(attempt) > 0);
  }
}

/** One look at every tenant, and what is to be asked of those that have converged but for their health. */
function lookAtAll(
  { tenants, images, live }: Pick<VerifyOptions, 'tenants' | 'images' | 'live'>,
  answers: HealthAnswers,
): { readonly tenants: readonly Convergence[]; readonly due: readonly HealthQuestion[] } {
  const byName = new Map(live.all.map((tenant) => [tenant.metadata.name, tenant]));
  const looks = tenants.map((tenant) =>
    lookAt(tenant, images, byName.get(tenant.name), (question) => answers.health(question)),
  );
  return {
    tenants: looks.map(({ convergence }) => convergence),
    due: looks.flatMap(({ questions }) => questions).filter((question) => !answers.health(question)?.healthy),
  };
}

/** Whether there is nothing left to wait for: whoever waits for a tenant that needs a person needs one too. */
function isOver({ tenants, seconds }: Verification, unseenSeconds: number): boolean {
  const stuck = tenants.filter(({ converged }) => !converged);
  if (stuck.length > 0 && seconds < unseenSeconds) return false;
  const isStalled = stuck.some(({ stalled }) => stalled);
  return stuck.every((one) => one.stalled || (isHeld(one) && isStalled));
}

function keyOf({ tenant, service }: HealthQuestion): string {
  return `${tenant} ${service}`;
}
