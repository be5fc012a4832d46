import { execFileSync } from 'node:child_process';

/** A git repository in a folder, with an author of its own. */
export class GitRepository {
  constructor(readonly folder: string) {
    this.git('init', '--quiet', '--initial-branch', 'main');
  }

  /** Commits all that is in the folder, changed or not, and says which commit that is. */
  commit(subject: string, { at }: { readonly at?: Date } = {}): string {
    this.git('add', '--all');
    this.run(['commit', '--quiet', '--allow-empty', '-m', subject], at ? dated(at) : {});
    return this.git('rev-parse', 'HEAD');
  }

  /** Merges a branch by a commit of its own. */
  merge(branch: string, { at }: { readonly at: Date }): void {
    this.run(['merge', '--quiet', '--no-ff', '-m', `Merge ${branch}`, branch], dated(at));
  }

  git(...args: string[]): string {
    return this.run(args, {});
  }

  private run(args: readonly string[], env: NodeJS.ProcessEnv): string {
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
    const options = { cwd: this.folder, encoding: 'utf8', env: { ...process.env, ...env } } as const;
    return execFileSync('git', [...author, ...args], options).trim();
  }
}

function dated(at: Date): NodeJS.ProcessEnv {
  return { GIT_COMMITTER_DATE: `${Math.floor(at.getTime() / 1_000)} +0000` };
}
