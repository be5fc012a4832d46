import { open, type Plain } from './value';

/** An event as GitHub would send it, as far as conditions and groups can ask for it. */
export interface SyntheticEvent {
  readonly name: string;
  /** For people: what happened, after "when". */
  readonly description: string;
  /** The `github` context. */
  readonly github: { readonly [name: string]: Plain };
  /** Fields of the run that it is about which a guard would have to look at. */
  readonly differs: readonly Field[];
  /** Is it about what somebody proposes, by a pull request? */
  readonly proposal: boolean;
  /** What became of the pull request that it is of. */
  readonly pullRequest?: 'open' | 'closed';
}

/** What a guard can tell runs apart by. */
export type Field = 'conclusion' | 'event' | 'head_repository' | 'head_branch' | 'head_sha' | 'run_attempt';

/** Names that conditions are compared with. */
export interface Names {
  /** Of the repository: owner and name. */
  readonly repository: string;
  readonly owner: string;
  readonly defaultBranch: string;
}

/** The default branch's last commit, which `github.sha` is when a run is about another. */
export const DEFAULT_COMMIT = 'defa0170000000000000000000000000defa0170';
/** The commit that CI tested. */
export const TESTED_COMMIT = 'c0ffee0000000000000000000000000000c0ffee';
/** What stands in a text that is another in each run. */
export const RUN_ID = '77777777777';
/** Who has the fork that pull requests come from. */
export const FORK_OWNER = 'somebody-else';

export interface UpstreamRun {
  /** What started it. */
  readonly event: string;
  readonly branch: string;
  readonly fork?: boolean;
  /** Null as long as it goes on. */
  readonly conclusion: string | null;
  readonly action?: string;
  readonly attempt?: number;
  /** Is what it tested still the default branch's last commit? */
  readonly newest?: boolean;
}

/** A run of another workflow that ended, began or was asked for. */
export function workflowRun(
  names: Names,
  workflow: string,
  { event, branch, fork = false, conclusion, action = 'completed', attempt = 1, newest = false }: UpstreamRun,
  description: string,
  differs: readonly Field[] = [],
): SyntheticEvent {
  const pulled = event.startsWith('pull_request');
  const own = { branch, sha: TESTED_COMMIT, repository: names.repository };
  return {
    name: 'workflow_run',
    description,
    differs,
    proposal: pulled || event === 'merge_group',
    github: {
      ...common(names, 'workflow_run'),
      ...onDefaultBranch(names),
      ...(newest && { sha: TESTED_COMMIT }),
      event: payload(names, {
        action,
        workflow: open({ name: workflow }),
        workflow_run: open({
          name: workflow,
          event,
          conclusion,
          status: conclusion === null ? action : 'completed',
          head_branch: branch,
          head_sha: TESTED_COMMIT,
          head_commit: open({ id: TESTED_COMMIT }),
          head_repository: fork ? forked(names) : repositoryOf(names),
          repository: repositoryOf(names),
          run_attempt: attempt,
          // Of a fork's pull request it names none.
          pull_requests: pulled && !fork ? [open({ head: open({ ref: own.branch, sha: own.sha }) })] : [],
        }),
      }),
    },
  };
}

export function push(names: Names, branch: string): SyntheticEvent {
  const ref = `refs/heads/${branch}`;
  const event = payload(names, { ref, after: TESTED_COMMIT, deleted: false, head_commit: open({ id: TESTED_COMMIT }) });
  const github = { ...common(names, 'push'), ...onBranch(branch), sha: TESTED_COMMIT, event };
  return { name: 'push', description: `somebody pushes to ${branch}`, differs: [], proposal: false, github };
}

export function pushedTag(names: Names, tag: string): SyntheticEvent {
  const ref = { ref: `refs/tags/${tag}`, ref_name: tag, ref_type: 'tag' };
  const event = payload(names, { ref: ref.ref, after: TESTED_COMMIT });
  const github = { ...common(names, 'push'), ...ref, sha: TESTED_COMMIT, event };
  return { name: 'push', description: `somebody pushes the tag ${tag}`, differs: [], proposal: false, github };
}

/** The last commits of a pull request, or its end; what is merged is no proposal any more. */
export function pullRequest(
  names: Names,
  name: string,
  { fork = false, closed = false, merged = false } = {},
): SyntheticEvent {
  const head = {
    ref: fork ? 'some-change-of-a-fork' : 'some-change',
    sha: TESTED_COMMIT,
    repo: fork ? forked(names) : repositoryOf(names),
  };
  const base = { ref: names.defaultBranch, sha: DEFAULT_COMMIT, repo: repositoryOf(names) };
  const number = fork ? 8 : 7;
  const pull = { number, merged, draft: false, head: open(head), base: open(base) };
  const onMerge = {
    ref: `refs/pull/${number}/merge`,
    ref_name: `${number}/merge`,
    ref_type: 'branch',
    sha: TESTED_COMMIT,
  };
  return {
    name,
    description: `somebody${fork ? ' with a fork' : ''} ${merged ? 'merges' : closed ? 'closes' : 'opens'} a pull request`,
    differs: [],
    proposal: !merged,
    pullRequest: closed ? 'closed' : 'open',
    github: {
      ...common(names, name),
      ...(name === 'pull_request_target' ? onDefaultBranch(names) : onMerge),
      head_ref: head.ref,
      base_ref: names.defaultBranch,
      event: payload(names, { action: closed ? 'closed' : open(), number, pull_request: open(pull) }),
    },
  };
}

/** An event of the default branch of which nothing is known but its name, and what is given. */
export function other(names: Names, name: string, given: { readonly [name: string]: Plain } = {}): SyntheticEvent {
  const described: Readonly<Record<string, string>> = {
    schedule: 'the schedule starts it',
    workflow_dispatch: 'somebody starts it by hand',
    repository_dispatch: 'a repository_dispatch starts it',
  };
  return {
    name,
    description: described[name] ?? `${name} starts it`,
    differs: [],
    proposal: name === 'merge_group',
    github: { ...common(names, name), ...onDefaultBranch(names), event: payload(names, { ...OTHERS[name], ...given }) },
  };
}

/** What belongs to one kind of event, and is null in all others. What is not named here may be in any. */
const OTHERS: Readonly<Record<string, { readonly [name: string]: Plain }>> = {
  workflow_dispatch: { inputs: open() },
  repository_dispatch: { client_payload: open() },
  release: { release: open() },
  issues: { issue: open() },
  issue_comment: { issue: open(), comment: open() },
  schedule: { schedule: open() },
  deployment_status: { deployment: open(), deployment_status: open() },
};
const OF_ONE_KIND = [
  ...[
    'workflow_run',
    'workflow',
    'pull_request',
    'number',
    'ref',
    'after',
    'before',
    'head_commit',
    'commits',
    'deleted',
  ],
  ...new Set(Object.values(OTHERS).flatMap(Object.keys)),
];

function payload(names: Names, given: { readonly [name: string]: Plain }): Plain {
  const absent = Object.fromEntries(OF_ONE_KIND.map((name) => [name, null]));
  return open({ ...absent, repository: repositoryOf(names), ...given });
}

function common(names: Names, event: string): { readonly [name: string]: Plain } {
  return {
    event_name: event,
    repository: names.repository,
    repository_owner: names.owner,
    repository_id: '1000001',
    repository_owner_id: '1000',
    run_id: RUN_ID,
    run_number: RUN_ID,
    run_attempt: '1',
    head_ref: '',
    base_ref: '',
    server_url: 'https://github.com',
  };
}

function onDefaultBranch({ defaultBranch }: Names) {
  return { ...onBranch(defaultBranch), sha: DEFAULT_COMMIT };
}

function onBranch(branch: string) {
  return { ref: `refs/heads/${branch}`, ref_name: branch, ref_type: 'branch' };
}

function repositoryOf({ repository, owner, defaultBranch }: Names): Plain {
  const name = repository.split('/')[1] ?? repository;
  const known = { full_name: repository, name, fork: false, id: 1000001, default_branch: defaultBranch };
  return open({ ...known, owner: open({ login: owner, id: 1000 }) });
}

function forked({ repository }: Names): Plain {
  const name = repository.split('/')[1] ?? repository;
  const known = {
    full_name: `${FORK_OWNER}/${name}`,
    name,
    fork: true,
    id: 2000002,
    owner: open({ login: FORK_OWNER, id: 2000 }),
  };
  return open(known);
}
