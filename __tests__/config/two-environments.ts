import { type Files, GOOD_PLATFORM } from './configuration-files';

export interface Called {
  readonly platform: string;
  readonly environment?: string;
  readonly needs?: string;
  readonly converged?: string;
  readonly replay?: string;
  readonly if?: string;
}

/** deploy-tenants with a job for each environment. */
export function deploys(jobs: Readonly<Record<string, Called>>): Files {
  const lines = Object.entries(jobs).flatMap(([job, { needs, if: condition, ...given }]) => [
    `  ${job}:`,
    ...(needs ? [`    needs: ${needs}`] : []),
    ...(condition ? [`    if: \${{ ${condition} }}`] : []),
    '    uses: ./.github/workflows/deploy-environment.yml',
    '    with:',
    ...Object.entries(given).map(([key, value]) => `      ${key}: ${value}`),
  ]);
  const refuse = ['  refuse:', '    runs-on: x'];
  const text = ['on: push', 'jobs:', ...refuse, ...lines, ''].join('\n');
  return { '.github/workflows/deploy-tenants.yml': text };
}

const STAGING: Files = {
  'staging.yaml': GOOD_PLATFORM.replace('name: acme', 'name: acme-staging')
    .replace('eks: acme-production', 'eks: acme-staging')
    .concat('environment: staging\ntenants: tenants/staging\n'),
  'tenants/staging/try.yaml': 'host: try.example.com\n',
};
export const PRODUCTION: Files = {
  ...STAGING,
  'tenants/globex.yaml': null,
  'tenants/production/globex.yaml': 'host: globex.example.com\n',
  'platform.yaml': `${GOOD_PLATFORM}environment: production\nafter: staging.yaml\ntenants: tenants/production\n`,
};
export const CONVERGED = '$' + '{{ needs.staging.outputs.converged }}';
const REPLAY = '$' + '{{ inputs.replay }}';
export const STAGING_JOB: Called = { platform: 'staging.yaml', environment: 'staging', replay: REPLAY };
export const PRODUCTION_JOB: Called = {
  platform: 'platform.yaml',
  environment: 'production',
  needs: 'staging',
  converged: CONVERGED,
  replay: REPLAY,
  if: "!cancelled() && needs.staging.result != 'skipped'",
};
