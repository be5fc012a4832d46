import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Platform } from '../../lib/config/platform';
import { PLATFORM } from '../stacks/pinned-platform';

const WORKFLOWS = ['ci', 'deploy-environment', 'deploy-tenants', 'publish-image', 'release-operator', 'review'];

/** What GitHub has of a repository, by the path below the repository's: what it answers. */
export type Answers = Record<string, unknown>;

const ENVIRONMENT = {
  deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  protection_rules: [{ type: 'branch_policy' }],
};
const named = (key: string, ...names: string[]) => ({
  total_count: names.length,
  [key]: names.map((name) => ({ name })),
});
export const valued = (values: Readonly<Record<string, string>>) => ({
  total_count: Object.keys(values).length,
  variables: Object.entries(values).map(([name, value]) => ({ name, value })),
});
const role = (name: string) => `arn:aws:iam::123456789012:role/acme-${name}`;

/** What every repository has in which the App's key lies. */
function withKey(id: number): Answers {
  return {
    '': {
      id,
      owner: { id: 1, type: 'Organization' },
      private: false,
      default_branch: 'main',
      created_at: '2024-01-01T00:00:00Z',
    },
    '/actions/oidc/customization/sub': { use_default: true },
    '/environments/dispatch': ENVIRONMENT,
    '/environments/dispatch/deployment-branch-policies': {
      total_count: 1,
      branch_policies: [{ name: 'main', type: 'branch' }],
    },
    '/environments/dispatch/secrets': named('secrets', 'TENANTRY_APP_PRIVATE_KEY'),
    '/actions/secrets': named('secrets'),
    '/actions/organization-secrets': named('secrets'),
    '/actions/organization-variables': valued({ AWS_REGION: 'eu-central-1', TENANTRY_APP_CLIENT_ID: 'Iv23abc' }),
  };
}

const rule = (ruleset_id: number, type: string, parameters?: object) => ({ ruleset_id, type, parameters });

/** The repositories of PLATFORM when all is set up. */
export function settled(): Record<string, Answers> {
  return {
    'acme/platform': {
      ...withKey(7),
      '/actions/variables': valued({
        TENANTRY_PLANNER_ROLE: role('planner'),
        TENANTRY_DEPLOYER_ROLE: role('deployer'),
        TENANTRY_PUSH_OPERATOR_ROLE: role('push-operator'),
      }),
      '/rules/branches/main': [
        rule(1, 'non_fast_forward'),
        rule(1, 'pull_request', {
          required_approving_review_count: 1,
          dismiss_stale_reviews_on_push: true,
          require_last_push_approval: true,
        }),
        rule(1, 'required_status_checks', { required_status_checks: [{ context: 'plan' }, { context: 'test' }] }),
      ],
      '/rules/branches/releases/of-any-name': ['creation', 'update', 'deletion', 'non_fast_forward'].map((type) =>
        rule(2, type),
      ),
      '/rulesets/1': { name: 'main', bypass_actors: [] },
      '/rulesets/2': {
        name: 'releases',
        bypass_actors: [
          { actor_type: 'Team', actor_id: 1, bypass_mode: 'always' },
          { actor_type: 'RepositoryRole', actor_id: 2, bypass_mode: 'always' },
          { actor_type: 'RepositoryRole', actor_id: 5, bypass_mode: 'always' },
        ],
      },
      '/actions/workflows': {
        total_count: WORKFLOWS.length,
        workflows: WORKFLOWS.map((name) => ({ path: `.github/workflows/${name}.yml`, state: 'active' })),
      },
      '/commits/main': { commit: { committer: { date: '2026-11-20T00:00:00Z' } } },
    },
    'acme/apiserver': { ...withKey(8), '/actions/variables': valued({ TENANTRY_PUSH_ROLE: role('push-apiserver') }) },
    'acme/worker': { ...withKey(9), '/actions/variables': valued({ TENANTRY_PUSH_ROLE: role('push-worker') }) },
  };
}

export const OWN: Platform = PLATFORM;

/** GitHub, of which a test says what it has. */
export class SettledGitHub {
  repositories = settled();
  installations: unknown = {
    total_count: 1,
    installations: [
      { client_id: 'Iv23abc', repository_selection: 'selected', permissions: { contents: 'write', metadata: 'read' } },
    ],
  };
  /** What it answers in place of all that. */
  instead:
    | ((path: string) => { readonly status: number; readonly body: string; readonly headers?: object } | undefined)
    | undefined;
  /** Method and path of all that was asked. */
  readonly asked: string[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://github');
      const path = decodeURIComponent(url.pathname);
      const page = Number(url.searchParams.get('page') ?? 1);
      this.asked.push(`${request.method} ${path}${page > 1 ? ` page ${page}` : ''}`);
      const other = this.instead?.(path);
      const body = other ? other.body : JSON.stringify(pageOf(this.answer(path), page));
      response.writeHead(other?.status ?? (body === undefined ? 404 : 200), { ...other?.headers });
      response.end(body ?? '{"message":"Not Found"}');
    });
  }

  static async start(): Promise<SettledGitHub> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return new SettledGitHub(server);
  }

  get api(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(path: string): unknown {
    if (path === '/orgs/acme/installations') return this.installations;
    const [, repository = '', below = ''] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(path) ?? [];
    return this.repositories[repository]?.[below];
  }
}

/** GitHub gives fewer at once than it was asked for, if it likes. */
const AT_ONCE = 30;

function pageOf(answer: unknown, page: number): unknown {
  if (Array.isArray(answer)) return answer.slice((page - 1) * AT_ONCE, page * AT_ONCE);
  if (answer === null || typeof answer !== 'object') return answer;
  const counted = 'total_count' in answer;
  return Object.fromEntries(
    Object.entries(answer).map(([key, part]) => [key, counted && Array.isArray(part) ? pageOf(part, page) : part]),
  );
}
