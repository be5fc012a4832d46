import { execFileSync } from 'node:child_process';

/** A git repository in a folder, with an author of its own. */
export class GitRepository {
  constructor(readonly folder: string) {
    this.git('init', '--quiet', '--initial-branch', 'main');
  }

  /** Commits all that is in the folder, changed or not, and says which commit that is. */
  commit(subject: string, { at }: { readonly at?: Date } = {}): string {
    const date = at && `${Math.floor(at.getTime() / 1_000)} +0000`;
    this.git('add', '--all');
    this.run(['commit', '--quiet', '--allow-empty', '-m', subject], date ? { GIT_COMMITTER_DATE: date } : {});
    return this.git('rev-parse', 'HEAD');
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
