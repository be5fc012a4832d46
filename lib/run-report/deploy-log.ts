import { typedCommand } from '../config/typed-command';
import { unlocking } from './cut-short';
import type { Verdict } from './verdict';

interface Cause {
  /** In Terraform's output, whose frames and line breaks are taken out. */
  readonly seen: RegExp;
  verdict(match: RegExpExecArray, log: string): Pick<Verdict, 'kind' | 'title' | 'next'>;
}

/** Lines that are shown of what Terraform said. */
const SHOWN = 8;

/** As S3 and STS say that a session has ended. */
const EXPIRED = /ExpiredToken|RequestExpired|token (?:included in the request )?(?:is|has) expired/i;

/** What a deploy fails of, the plainest sign first. */
const CAUSES: readonly Cause[] = [
  {
    // Without the lock's data, something kept Terraform from looking: one of the causes below.
    seen: /Error acquiring the state lock.{0,2000}?Lock Info:(?: ID: ([\w-]+))?/,
    verdict: ([, id]) => ({
      kind: 'person',
      title: "Terraform's state is locked by another run, or by one that died with it",
      next: [
        `Look at "Who" and "Created". If that run is dead: ${unlocking(id)}`,
        'If it still goes on (somebody deploys by hand?), run this workflow again when it has ended.',
      ],
    }),
  },
  {
    // What it says with it is why: a session that ended, a bucket that did not answer.
    seen: /Failed to save state|Failed to persist state|errored\.tfstate/,
    verdict: (_, log) => ({
      kind: 'person',
      title: EXPIRED.test(log)
        ? 'The state was not saved: the session in AWS ended before Terraform did'
        : 'The state was not saved: S3 did not take it',
      next: [
        // Every resource has an import block while the cluster has it, so Terraform's errored.tfstate has nothing that would be missed.
        'Mend what it says. Then run this workflow again: what the state lacks is taken over from the cluster. Nothing has to be brought back from errored.tfstate.',
        `If that run says that the state is locked: ${unlocking()}`,
      ],
    }),
  },
  {
    // 128 and the signal's number: SIGKILL is 9.
    seen: /terraform \w+ was killed by SIG|Invoking Terraform CLI failed with exit code 1(?:29|[345]\d)\b/,
    verdict: () => ({
      kind: 'person',
      title: 'Terraform was killed before it was done: by somebody, or since memory was short',
      next: ['Run this workflow again: it goes on where this one was.'],
    }),
  },
  {
    seen: /Saved plan is stale/,
    verdict: () => ({
      kind: 'passing',
      title: 'Somebody else deployed after this run had planned',
      next: ['Run this workflow again, or leave it to the next run: the schedule starts one.'],
    }),
  },
  {
    seen: /Timed out when waiting for resource \S+ to be deleted|was deleted but is still there/,
    verdict: () => ({
      kind: 'person',
      title: 'A tenant that was to be deleted is still there; all others were deployed',
      next: [
        'Look at its finalizers, and at whoever set them: "kubectl get tenant <name> -o yaml". No later run waits for it.',
      ],
    }),
  },
  {
    seen: /denied request|admission webhook "[^"]*" denied/,
    verdict: () => ({
      kind: 'person',
      title: 'A policy of the cluster refuses what this run would change',
      next: ['Do what it says, or change the policy that it names. Rights are not the matter.'],
    }),
  },
  {
    seen: /\bforbidden\b|AccessDenied|is not authorized to perform/i,
    verdict: () => ({
      kind: 'person',
      title: 'The deployer may not do what this run would change',
      next: [
        `At a role, policy, namespace or definition of the cluster: a cluster administrator runs "${typedCommand('npx cdktf deploy operator')}" from the default branch.`,
        `Else: an AWS administrator runs "${typedCommand('IMAGES=none npx cdktf deploy registry')}", which makes the roles.`,
      ],
    }),
  },
  {
    seen: /ExpiredToken|RequestExpired|InvalidClientTokenId|No valid credential sources|\bUnauthorized\b/,
    verdict: () => ({
      kind: 'person',
      title: 'The credentials of the run were not taken, or ended before it did',
      next: ['Run this workflow again. If it fails the same way, look at the role and its trust.'],
    }),
  },
  {
    seen: /connection refused|i\/o timeout|TLS handshake timeout|no such host|context deadline exceeded|RequestLimitExceeded|ServiceUnavailable/i,
    verdict: () => ({
      kind: 'passing',
      title: 'The cluster or AWS did not answer',
      next: ['Run this workflow again, or leave it to the next run: the schedule starts one.'],
    }),
  },
];

/** What it means that a deploy failed, by what Terraform printed. */
export function deployVerdict(log: string): Verdict {
  const flat = log.replace(/[│╷╵\s]+/g, ' ');
  const evidence = evidenceOf(log);
  for (const { seen, verdict } of CAUSES) {
    const match = seen.exec(flat);
    if (match) return { ...verdict(match, flat), evidence };
  }
  return {
    kind: 'person',
    title: 'Terraform failed',
    evidence,
    next: ['Read what it says. What is deployed already stays; any run that succeeds deploys the rest.'],
  };
}

/** The errors themselves: never a whole log. */
function evidenceOf(log: string): string[] {
  const lines = log.split('\n').map(withoutFrame);
  const said = lines.filter((line) =>
    /^(Error: |(ID|Who|Created): |Invoking Terraform CLI failed|terraform \w+ (was killed|failed))/.test(line),
  );
  return [...new Set(said)].slice(0, 2 * SHOWN);
}

/** Without the stack's name and Terraform's frame. */
function withoutFrame(line: string): string {
  return line.replace(/^(?:(?:operator|tenants) {2,}|\s+)?[│╷╵]?\s*/, '').trim();
}
