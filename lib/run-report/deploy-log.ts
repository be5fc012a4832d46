import type { Verdict } from './verdict';

interface Cause {
  /** In Terraform's output, whose frames and line breaks are taken out. */
  readonly seen: RegExp;
  verdict(match: RegExpExecArray): Pick<Verdict, 'kind' | 'title' | 'next'>;
}

/** Lines that are shown of what Terraform said. */
const SHOWN = 8;

/** What a deploy fails of, the plainest sign first. */
const CAUSES: readonly Cause[] = [
  {
    // Without the lock's data, something kept Terraform from looking: one of the causes below.
    seen: /Error acquiring the state lock.{0,2000}?Lock Info:/,
    verdict: () => ({
      kind: 'person',
      title: "Terraform's state is locked by another run, or by one that died with it",
      next: [
        'Look at "Who" and "Created". If that run is dead: terraform -chdir=cdktf.out/stacks/<stack> force-unlock <ID>, after a synth, as an administrator.',
        'If it still goes on (somebody deploys by hand?), run this workflow again when it has ended.',
      ],
    }),
  },
  {
    seen: /terraform_data\.roster\b.{0,200}?local-exec provisioner error|local-exec provisioner error.{0,200}?terraform_data\.roster\b/,
    verdict: () => ({
      kind: 'person',
      title: 'Nothing was deployed: a tenant would be lost that was not decommissioned',
      next: ["Bring the tenant's file back, or decommission it there first."],
    }),
  },
  {
    seen: /local-exec provisioner error.{0,200}?terraform_data\.ring-([\w-]+)/,
    verdict: ([, ring]) => ({
      kind: 'person',
      title: `The tenants of the ring ${ring} did not get well on what the run gave them; the rings behind it keep what they run`,
      next: [
        'Look at the tenants that are named, by "kubectl describe tenant <name>" and the logs of the service.',
        'Mend it by pushing a commit that works: its dispatch starts the next run. Until then: npx tenantry freeze --images <lock of the last good run>, or --pin the one service.',
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
        'At a role, policy, namespace or definition of the cluster: a cluster administrator runs "npx cdktf deploy operator" from the default branch.',
        'Else: an AWS administrator runs "IMAGES=none npx cdktf deploy registry", which makes the roles.',
      ],
    }),
  },
  {
    seen: /ExpiredToken|InvalidClientTokenId|No valid credential sources|\bUnauthorized\b/,
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
    if (match) return { ...verdict(match), evidence };
  }
  return {
    kind: 'person',
    title: 'Terraform failed',
    evidence,
    next: ['Read what it says. What is deployed already stays; any run that succeeds deploys the rest.'],
  };
}

/** The tenants that did not get well and what was said of them, and else the errors themselves: never a whole log. */
function evidenceOf(log: string): string[] {
  const lines = log.split('\n').map(withoutFrame);
  const conclusions = lines.filter((line) => /^Not (converged|as the files say)/.test(line));
  const stuck = lines.filter((line) => /^\S+ \(\S+\) is stuck at /.test(line));
  const errors = lines.filter((line) => /^Error: /.test(line));
  const lock = lines.filter((line) => /^(ID|Who|Created): /.test(line));
  const said = [...new Set([...whole(conclusions), ...whole(stuck).slice(0, SHOWN), ...errors, ...lock])];
  return said.slice(0, 2 * SHOWN);
}

/** Without what Terraform repeats of them in its frame, where it breaks lines. */
function whole(lines: readonly string[]): string[] {
  return lines.filter((line) => !lines.some((other) => other !== line && other.startsWith(line)));
}

/** Without the stack's name, Terraform's frame, and the resource that a gate's output is of. */
function withoutFrame(line: string): string {
  return line
    .replace(/^(?:(?:operator|tenants) {2,}|\s+)?[│╷╵]?\s*/, '')
    .replace(/^terraform_data\S* \(local-exec\):\s*/, '')
    .trim();
}
