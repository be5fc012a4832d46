import { nameSign } from './name-sign';
import { withInner } from './workflow/read-workflow';
import type { Job, Step, Workflow } from './workflow/workflow';

/**
 * What a job does that must not happen by mistake. `deploys`: it changes what runs somewhere. `privileged`: it could, or it
 * hands out something that others take, such as an image or a package.
 */
export interface Deployment {
  readonly kind: 'deploys' | 'privileged';
  /** For people, after "it": how the linter knows. */
  readonly sign: string;
  /** The steps that do it; none where only the job as a whole says so. */
  readonly steps: readonly Step[];
  /** The same, or, of a composite action that one of them uses, the steps in it. */
  readonly inner: readonly Step[];
}

export type Sign = Pick<Deployment, 'kind' | 'sign'>;

const deploys = (sign: string): Sign => ({ kind: 'deploys', sign });
const privileged = (sign: string): Sign => ({ kind: 'privileged', sign });

/** Pages change as a whole or not at all, so that nothing breaks half-way. */
const PAGES = privileged('publishes pages');

/** By the action that a step uses, in lower case and without its version. */
const ACTIONS: readonly (readonly [RegExp, Sign])[] = [
  [/^aws-actions\/configure-aws-credentials$/, privileged('takes AWS credentials')],
  [/^azure\/login$/, privileged('logs in to Azure')],
  [/^google-github-actions\/auth$/, privileged('logs in to Google Cloud')],
  [/^hashicorp\/vault-action$/, privileged('takes secrets from Vault')],
  [/^(aws-actions\/amazon-ecr-login|docker\/login-action)$/, privileged('logs in to a registry')],
  [/^peter-evans\/repository-dispatch$/, privileged('starts workflows of a repository')],
  [/^actions\/deploy-pages$|\/(github-pages-deploy-action|actions-gh-pages)$/, PAGES],
  [/\/(gh-action-pypi-publish|action-gh-release|release-action|goreleaser-action)$/, privileged('publishes a release')],
  [/\/(wrangler-action|vercel-action|actions-netlify|ssh-action|scp-action)$/, deploys('deploys')],
  [/\/([\w-]+-)?deploy(-[\w-]+)?$/, deploys('deploys')],
];

/** By what a script runs. */
const COMMANDS: readonly (readonly [RegExp, Sign])[] = [
  [/\b(terraform|tofu|terragrunt)\b[^\n|;&]*\sapply\b/, deploys('applies Terraform')],
  [
    /\b(cdktf|cdk|sst|serverless|sls|fly|flyctl|wrangler|firebase|netlify|kamal|tenantry(\.js)?)\s+deploy\b/,
    deploys('deploys'),
  ],
  [/\bgcloud\s+(beta\s+)?(run|app|functions)\s+(services\s+)?deploy\b|\bpulumi\s+up\b/, deploys('deploys')],
  [/\bansible-playbook\b|\bvercel\b[^\n]*(--prod|\sdeploy\b)|\b(ssh|scp|rsync)\s[^\n]*@/, deploys('deploys')],
  [/\bkubectl\b[^\n|;&]*\s(apply|set|patch|replace|rollout\s+(restart|undo))\b/, deploys('changes a cluster')],
  [/\bhelm(file)?\b[^\n|;&]*\s(upgrade|install|rollback|apply|sync)\b/, deploys('changes a cluster')],
  [
    /\baws\s+(ecs\s+update-service|lambda\s+update-function|cloudformation\s+deploy|s3\s+sync)\b/,
    deploys('changes AWS'),
  ],
  [/\bdocker\s+(image\s+)?push\b|\bdocker\s+buildx?\b[^\n]*--push\b/, privileged('pushes images')],
  [/\b(crane|skopeo|oras)\s+(push|copy)\b/, privileged('pushes images')],
  [/\b(npm|pnpm|yarn|cargo|poetry|uv|lerna|changeset)\s+(npm\s+)?publish\b/, privileged('publishes a package')],
  [/\btwine\s+upload\b|\bgem\s+push\b|\bgh\s+release\s+(create|upload)\b/, privileged('publishes a release')],
  [/\/dispatches\b/, privileged('starts workflows')],
];

const SERVED_FROM = /\b(prod|production|live|staging|stage|uat|preprod|demo)\b/i;
/** A cluster or a cloud that a job makes for itself, to test on. */
const OF_ITS_OWN = /\b(minikube|k3d|k3s|microk8s|localstack|kind-action|kind create|create-cluster)\b/;
const TESTS = /(^|[\W_])((py)?tests?|e2e|acceptance|integration|smoke)([\W_]|$)/i;
const TAKES_DOWN = /(^|[\W_])(destroy|delete|uninstall|tear-?down|clean-?up|down)([\W_]|$)/i;

/** Says whether a job deploys, or may. */
export function deploymentOf(job: Job, workflow: Workflow): Deployment | undefined {
  const signed = job.steps.flatMap(signsOfStep);
  const pages = signed.find(({ sign }) => sign === PAGES);
  if (pages) return { ...PAGES, steps: [pages.step], inner: [pages.inner] };
  const counted = signed.filter(({ step, sign }) => sign.kind !== 'deploys' || !isThereToBeTested(job, step));
  const deploying = counted.filter(({ sign }) => sign.kind === 'deploys');
  const whole = signsOfJob(job, workflow);
  const wholeDeploys = whole.find(({ kind }) => kind === 'deploys');
  const found = deploying.length > 0 ? deploying : wholeDeploys ? [] : counted;
  const [first] = found;
  const sign = first?.sign ?? wholeDeploys ?? whole[0];
  const by = first && first.inner !== first.step ? ` by ${first.step.uses?.text}` : '';
  const steps = [...new Set(found.map(({ step }) => step))];
  return sign && { kind: sign.kind, sign: `${sign.sign}${by}`, steps, inner: found.map(({ inner }) => inner) };
}

/** Is what a step deploys there to be tested, and nobody's? A job that is called so deploys first, and then tests it or takes it down. */
function isThereToBeTested({ id, name, steps }: Job, step: Step): boolean {
  if (OF_ITS_OWN.test(steps.map(usedBy).join('\n'))) return true;
  const script = commandsOf(
    withInner(step)
      .flatMap(({ run }) => run?.text ?? [])
      .join('\n'),
  );
  const ends = COMMANDS.map(([pattern]) => pattern.exec(script)).map((match) =>
    match ? match.index + match[0].length : script.length,
  );
  const later = steps.slice(steps.indexOf(step) + 1);
  const [, ...rest] = script.slice(Math.min(...ends)).split(/\n|;|&&/);
  const afterwards = [...rest, ...later.map(usedBy)].join('\n');
  return (TESTS.test(id) || TESTS.test(name)) && (TESTS.test(afterwards) || TAKES_DOWN.test(afterwards));
}

function usedBy(step: Step): string {
  return withInner(step)
    .flatMap(({ part, run, uses }) => [part.get('name')?.text, run?.text, uses?.text])
    .join('\n');
}

/** What its environment is called, expressions in it as they are written. */
export function environmentName({ environment }: Job): string | undefined {
  return environment?.get('name')?.text ?? environment?.text;
}

/** What a step does, or those of the composite action that it uses; where none of them shows it, what that is called may. */
function signsOfStep(step: Step): readonly { readonly step: Step; readonly inner: Step; readonly sign: Sign }[] {
  const [own, ...others] = withInner(step).map((inner) => ({ step, inner, sign: signOfStep(inner) }));
  const shown = others.some(({ sign }) => sign) ? others : [own];
  return shown.flatMap((each) => (each?.sign ? [{ ...each, sign: each.sign }] : []));
}

function signOfStep(step: Step): Sign | undefined {
  const uses = step.uses?.text;
  if (uses?.startsWith('docker/build-push-action')) return pushesImage(step) ? privileged('pushes images') : undefined;
  if (uses !== undefined) {
    const action = uses.toLowerCase().split('@')[0] ?? '';
    return ACTIONS.find(([pattern]) => pattern.test(action))?.[1];
  }
  const script = commandsOf(step.run?.text ?? '');
  return COMMANDS.find(([pattern]) => pattern.test(script))?.[1];
}

function pushesImage(step: Step): boolean {
  const pushes = step.with?.get('push')?.text ?? 'false';
  return pushes !== 'false' || /type=registry|push=true/.test(step.with?.get('outputs')?.text ?? '');
}

/** The lines of a script that do something. */
function commandsOf(script: string): string {
  const lines = script.replace(/\\\n/g, ' ').split('\n');
  return lines.filter((line) => !/^\s*#|--dry-?run/.test(line)).join('\n');
}

function signsOfJob(job: Job, workflow: Workflow): readonly Sign[] {
  const signs: Sign[] = [];
  const environment = environmentName(job);
  // Its secrets are taken, and nothing is deployed to it: https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments
  if (environment !== undefined && job.environment?.get('deployment')?.text !== 'false') {
    const kind = SERVED_FROM.test(environment) ? 'deploys' : 'privileged';
    signs.push({ kind, sign: `has the environment "${environment}"` });
  }
  for (const name of [job.id, job.name]) {
    const kind = nameSign(name);
    if (kind === 'deploys') signs.push(deploys(`is called "${name}"`));
    if (kind === 'publishes' && handsOut(job)) signs.push(privileged(`is called "${name}"`));
  }
  const permissions = job.permissions ?? workflow.permissions;
  for (const [name, sign] of PERMISSIONS) if (permissions?.get(name)?.text === 'write') signs.push(privileged(sign));
  return signs;
}

/** Has it what it takes to hand something out? "publish" alone may be about the results of tests. */
function handsOut({ part, permissions }: Job): boolean {
  const ownSecret = /secrets\.(?!GITHUB_TOKEN\b)/i;
  return (
    permissions?.get('contents')?.text === 'write' ||
    part.get('secrets') !== undefined ||
    [...part.scalars()].some(({ text }) => ownSecret.test(text ?? ''))
  );
}

const PERMISSIONS = [
  ['id-token', 'may ask for an OIDC token'],
  ['packages', 'may write packages'],
  ['pages', 'may write pages'],
] as const;
