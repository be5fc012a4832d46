import type { Rule } from '../rule';

export const duplicateName: Rule = {
  id: 'duplicate-name',
  level: 'error',
  summary: 'two workflows have the same name',
  silent:
    'GitHub takes it: workflow_run fires for both, a group by github.workflow holds both, and a badge shows either.',
  *check({ repository }) {
    // Nothing waits for one that is only called.
    const workflows = repository.workflows.filter(({ triggers }) =>
      [...triggers.keys()].some((event) => event !== 'workflow_call'),
    );
    for (const [index, { name, namePlace, path }] of workflows.entries()) {
      const first = workflows.slice(0, index).find((other) => other.name === name);
      if (!first) continue;
      yield {
        place: namePlace,
        message: `${path} has the name of ${first.path}: "${name}"`,
        mend: 'Give each workflow a name of its own, and look at what waits for this one.',
      };
    }
  },
};
