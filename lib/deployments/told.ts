import { codeSpan } from '../plan/code-span';
import { plainText } from '../text/harmless';
import { workflowCommand } from '../text/workflow-command';
import type { Told } from './tell-github';

const TITLE = 'Deployments at GitHub';
/** More are on the pages of the repositories. */
const LISTED = 50;

/** What the summary of a run says of it, in Markdown. */
export function toldSummary({ written, unchanged, refused, stopped }: Told): string {
  const lines = [
    ...written
      .slice(0, LISTED)
      .map(
        ({ repository, environment, deployed, state, description }) =>
          `${codeSpan(repository)} ${codeSpan(environment)}: ${deployed ? `${codeSpan(deployed.commit.slice(0, 7))} ` : ''}**${state}**, ${codeSpan(description)}`,
      ),
    ...(written.length > LISTED ? [`... and ${written.length - LISTED} more`] : []),
    ...(unchanged === 0 ? [] : [`${unchanged} as they were`]),
    ...refused.slice(0, LISTED).map((one) => `⚠️ ${whereOf(one).map(codeSpan).join(' ')}: ${codeSpan(one.message)}`),
    ...(stopped === undefined ? [] : [`⚠️ ${codeSpan(stopped)}`]),
  ];
  return summary(lines.length === 0 ? ['nothing to tell'] : lines);
}

/** A summary of a run that told nothing, and why. */
export function untold(why: string): string {
  return summary([why]);
}

function summary(lines: readonly string[]): string {
  return `\n**${TITLE}**\n\n${lines.map((line) => `- ${line}\n`).join('')}`;
}

/** What marks the run, where not all could be told; undefined where all was. */
export function toldWarning({ refused, stopped }: Told): string | undefined {
  const lines = [
    ...refused.map((one) => `${whereOf(one).join(' ')}: ${one.message}`),
    ...(stopped === undefined ? [] : [stopped]),
  ];
  return lines.length === 0 ? undefined : warning(lines);
}

function whereOf({ repository, environment }: Told['refused'][number]): string[] {
  return [repository, ...(environment === undefined ? [] : [environment])];
}

/** GitHub shows 4,096 characters. */
const LONGEST = 4_000;

/** Marks the run with why application repositories may not say what is deployed. */
export function warning(lines: readonly string[]): string {
  const title = `${TITLE}: not all is written`;
  const next = 'What is deployed does not depend on it. The next run tries again.';
  const text = [
    ...lines
      .map((line) => plainText(line, 600))
      .join('\n')
      .slice(0, LONGEST - next.length - 1)
      .split('\n'),
    next,
  ];
  return workflowCommand('warning', { title }, text.join('\n'));
}
