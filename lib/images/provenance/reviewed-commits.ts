import { spawnSync } from 'node:child_process';

/**
 * The commits in the history of a checkout of this repository. GitHub runs a workflow at any commit of a repository, those of its forks and
 * unmerged branches too: https://docs.zizmor.sh/audits/#impostor-commit.
 */
export class ReviewedCommits {
  private readonly answers = new Map<string, 'yes' | 'no' | 'unknown'>();

  constructor(private readonly directory = '.') {}

  /** `unknown` where the checkout has no history, or a part of it. */
  has(commit: string): 'yes' | 'no' | 'unknown' {
    const answer = this.answers.get(commit) ?? this.look(commit);
    this.answers.set(commit, answer);
    return answer;
  }

  private look(commit: string): 'yes' | 'no' | 'unknown' {
    if (this.git('merge-base', '--is-ancestor', commit, 'HEAD').status === 0) return 'yes';
    return this.git('rev-parse', '--is-shallow-repository').stdout?.trim() === 'false' ? 'no' : 'unknown';
  }

  private git(...args: string[]) {
    // A commit that is not there is not fetched: then it is in no history of this checkout.
    const env = { ...process.env, GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' };
    return spawnSync('git', args, { cwd: this.directory, env, encoding: 'utf8', timeout: 30_000 });
  }
}
