import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { WrongOption } from '../wrong-option';

/**
 * The text of a file in a commit; undefined where it had no such file.
 *
 * @throws WrongOption when there is no such commit here.
 */
export function fileBefore(commit: string, path: string): string | undefined {
  const file = `./${relative(process.cwd(), path)}`;
  const git = (...args: readonly string[]) => {
    try {
      return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (cause) {
      const said = (cause as { stderr?: string }).stderr?.trim() || (cause as Error).message;
      throw new WrongOption(
        'review',
        commit,
        `git cannot read it: ${said}. Fetch it first: in a checkout with depth 1 it is missing`,
        { cause },
      );
    }
  };
  const found = git('ls-tree', '--name-only', '--end-of-options', `${commit}^{tree}`, file);
  return found.trim() === '' ? undefined : git('show', '--end-of-options', `${commit}:${file}`);
}
