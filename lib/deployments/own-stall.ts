/** How the operator says that a service waits for a person, and under which reasons of the tenant. A name has no character that means anything here. */
const SAYS: readonly { readonly reasons: readonly [string, ...string[]]; readonly of: (name: string) => string }[] = [
  // operator/tenantry_operator/migrations.py
  { reasons: ['MigrationFailed'], of: (name) => `the migration of ${name} to the commit ` },
  // rollout.py; in it, what the Deployment says of itself: kubernetes/kubernetes, pkg/controller/deployment/progress.go
  {
    reasons: ['RolloutStuck'],
    of: (name) => `(ReplicaSet "${name}-[a-z0-9]+"|Deployment "${name}") has timed out progressing`,
  },
  // secret_variables.py, external_secret.py
  {
    reasons: ['SecretMissing', 'SecretStoreMissing'],
    of: (name) => `(?<![a-z0-9-])${name} stays as it is: (?!External Secrets is to read)`,
  },
  // faults.py
  { reasons: ['Invalid'], of: (name) => `Kubernetes refuses the (Deployment|CronJob) ${name}: ` },
];

/**
 * Why a service waits for a person, as the message of its tenant says it; undefined where it says so of others alone, or of no service at all.
 * The status has a reason for the tenant as a whole: the message has all that is wrong with any service.
 */
export function ownStall(service: string, { reason, message }: { readonly reason: string; readonly message: string }) {
  const own = SAYS.find(({ of }) => new RegExp(of(service)).test(message))?.reasons;
  return own?.find((one) => one === reason) ?? own?.[0];
}

/** Whether the operator says anything of a service. Of one that is held it says nothing while others are worse. */
export function isMentioned(service: string, message: string): boolean {
  return new RegExp(`(?<![a-z0-9-])${service}(?![a-z0-9-])`).test(message);
}
