import type { Part } from '../workflow/part';
import type { Job, Step, Workflow } from '../workflow/workflow';
import type { Field } from './event';

const MENTIONS: Readonly<Record<Field, RegExp>> = {
  // That of a step of the same job tells how that step ended.
  conclusion: /(?<!\bsteps\.[\w-]+\.)conclusion/i,
  event: /workflow_run\.event\b|\btrigger(ing|ed)?_event\b/i,
  head_repository: /head_?repository/i,
  head_branch: /head_?branch/i,
  // Nearly every deployment reads the commit. One that asks where it belongs looks at more than its name.
  head_sha: /merge-base|is-ancestor|--contains|ls-remote|compareCommits|\/(?:compare|branches)\//i,
  run_attempt: /run_attempt/i,
};
/** The event as a whole: nobody can say here what a script reads in it. */
const EVERYTHING =
  /GITHUB_EVENT_PATH|toJSON\(\s*github(\.event(\.workflow_run)?)?\s*\)|context\.payload(?!\.workflow_run\.)/i;
/** Does a step look at one of `fields`, by an expression, or by a variable that was made from one? */
export function looksAt(step: Step, job: Job, workflow: Workflow, fields: readonly Field[]): boolean {
  if (fields.length === 0) return false;
  const text = textOf(step.part);
  const variables = [job.env, workflow.env].flatMap((env) => env?.entries ?? []);
  const read = variables.filter(({ key }) => text.includes(key.text || '\0')).map(({ value }) => value.text ?? '');
  const all = [text, ...read].join('\n');
  return EVERYTHING.test(all) || fields.some((field) => MENTIONS[field].test(all));
}

function textOf(part: Part): string {
  return [...part.scalars()].map(({ text }) => text ?? '').join('\n');
}
