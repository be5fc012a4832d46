import type { Repository } from '../repository';
import { isLiteral } from '../workflow/filter-pattern';
import type { Names } from './event';

/** Those that are the default branch wherever they are, the likelier one first. */
const USUAL_BRANCHES = ['main', 'master', 'trunk', 'develop'];
const OTHER_NAMES = { repository: 'acme/app', owner: 'acme' };

/**
 * What a repository is called, as its conditions have it: one that compares the repository with a name means its own. The
 * files do not say which branch is the default one; the likely one does.
 */
export function namesIn({ workflows }: Repository): Names {
  const text = workflows.map(({ source }) => source.text).join('\n');
  const repository = compared(text, /(?:github\.repository|full_name)/, /[\w.-]+\/[\w.-]+/);
  const owner = compared(text, /(?:repository_owner|owner\.login)/, /[\w.-]+/) ?? repository?.split('/')[0];
  const filters = workflows.flatMap(({ triggers }) => [...triggers.values()].flatMap((on) => on.list('branches')));
  const branches = filters.flatMap((part) => part.text ?? []).filter(isLiteral);
  const isMaster = !branches.includes('main') && /['/]master'/.test(text);
  return {
    repository: repository ?? (owner ? `${owner}/app` : OTHER_NAMES.repository),
    owner: owner ?? OTHER_NAMES.owner,
    defaultBranch:
      USUAL_BRANCHES.find((name) => branches.includes(name)) ??
      (isMaster ? 'master' : new Set(branches).size === 1 && branches[0] ? branches[0] : 'main'),
  };
}

/** The first name that something is compared with, on either side. */
function compared(text: string, what: RegExp, name: RegExp): string | undefined {
  const right = new RegExp(`${what.source}\\s*[!=]=\\s*'(${name.source})'`).exec(text);
  const left = new RegExp(`'(${name.source})'\\s*[!=]=\\s*[\\w.]*${what.source}`).exec(text);
  return (right ?? left)?.[1];
}
