import { nearNames } from '../near-names';
import type { Rule } from '../rule';
import { escaped, matchesPattern } from '../workflow/filter-pattern';
import type { Workflow } from '../workflow/workflow';

/** Workflows that GitHub runs without a file. */
const WITHOUT_FILE = [
  'CodeQL',
  'Copilot code review',
  'Dependabot Updates',
  'Dependency Graph',
  'Automatic Dependency Submission',
  'pages-build-deployment',
];

export const unknownWorkflow: Rule = {
  id: 'unknown-workflow',
  level: 'error',
  summary: 'workflow_run names a workflow that does not exist',
  silent: 'GitHub checks no names: it waits for a workflow that never comes, and starts nothing.',
  *check({ repository: { workflows } }) {
    for (const { triggers } of workflows) {
      const trigger = triggers.get('workflow_run');
      if (!trigger) continue;
      const entries = trigger.list('workflows');
      if (entries.length === 0) {
        const message = 'workflow_run names no workflow to wait for';
        yield { place: trigger.place, message, mend: 'Name it under workflows:, by its "name:".' };
      }
      for (const entry of entries) {
        const pattern = (entry.text ?? '').replace(/^!/, '');
        const known = [...workflows.map(({ name }) => name), ...WITHOUT_FILE];
        if (known.some((name) => matchesPattern(pattern, name))) continue;
        yield {
          place: entry.place,
          message: `there is no workflow named "${pattern}"`,
          mend: mend(pattern, workflows),
        };
      }
    }
  },
};

function mend(pattern: string, workflows: readonly Workflow[]): string {
  const exact = workflows.find(({ name }) => name === pattern);
  if (exact) return `Characters of it are read as a pattern. Escape them: '${escaped(exact.name)}', in single quotes.`;
  const file = pattern
    .split('/')
    .at(-1)
    ?.replace(/\.ya?ml$/, '');
  const byFile = workflows.find(
    ({ path }) =>
      path
        .split('/')
        .at(-1)
        ?.replace(/\.ya?ml$/, '') === file,
  );
  const byCase = workflows.find(({ name }) => name.toLowerCase() === pattern.toLowerCase());
  if (byCase) return `Case matters here: write "${byCase.name}".`;
  if (byFile && byFile.name !== byFile.path) return `That is the file's name. Write the workflow's: "${byFile.name}".`;
  if (byFile) return `${byFile.path} has no "name:". Give it one, or write its path: "${byFile.path}".`;
  const trimmed = workflows.find(({ name }) => name.trim() === pattern.trim());
  if (trimmed) return `Spaces at the ends matter: write "${trimmed.name}".`;
  return `Write the "name:" of a workflow here${nearNames(
    pattern,
    workflows.map(({ name }) => name),
  )}`;
}
