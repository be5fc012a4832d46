import type { Part } from './workflow/part';
import { segments } from './workflow/template';
import type { Workflow } from './workflow/workflow';

/** An expression of a workflow, and the text that it stands in. */
export interface Read {
  readonly part: Part;
  readonly expression: string;
}

export function expressionsIn({ root, jobs }: Workflow): readonly Read[] {
  const conditions = jobs
    .flatMap((job) => [job.if, ...job.steps.map((step) => step.if)])
    .filter((condition) => condition !== undefined);
  const asked = conditions.map(({ part }) => part.token);
  const texts = [...(root?.scalars() ?? [])].filter(({ token }) => !asked.includes(token));
  return [
    ...conditions,
    ...texts.flatMap((part) =>
      segments(part.text ?? '').flatMap((each) => ('expression' in each ? { part, expression: each.expression } : [])),
    ),
  ];
}

/** Where a text says a name such as `github.event.number`, in whatever case; none where it is written in brackets. */
export function placesOf(path: readonly string[], { source, place, lastLine }: Part) {
  const pattern = new RegExp(
    path
      .map((name) => name.replace(/[^\w-]/g, '\\$&'))
      .join('\\s*\\.\\s*')
      .concat('(?![\\w-])'),
    'gi',
  );
  return [...source.matches(pattern, place.line, lastLine)];
}
