import { commitOf } from '../images/pinned-image';
import { plainText } from '../text/harmless';
import { workflowCommand } from '../text/workflow-command';
import { DISPATCHING_BROKEN, DISPATCHING_NEXT, type RunReport } from './run-report';
import { KINDS } from './verdict';

/** GitHub shows 4,096 characters of each. */
const LONGEST = 4_000;

/** Workflow commands that mark the run's page with what it came to; none for a good run. */
export function annotations({ verdict, unannounced }: RunReport): string[] {
  const { kind, title, evidence, next } = verdict;
  return [
    ...(kind === 'good'
      ? []
      : [annotation(kind === 'person' ? 'error' : 'warning', `${KINDS[kind]}: ${title}`, [...evidence, ...next])]),
    ...(unannounced.length === 0
      ? []
      : [
          annotation('error', DISPATCHING_BROKEN, [
            ...unannounced.map(
              (image) => `${image.service} ${image.release} ${commitOf(image)}, pushed ${image.pushedAt}`,
            ),
            ...DISPATCHING_NEXT,
          ]),
        ]),
  ];
}

function annotation(level: 'error' | 'warning', title: string, lines: readonly string[]): string {
  const message = lines.map((line) => plainText(line, 600)).join('\n');
  return workflowCommand(level, { title: plainText(title) }, message.slice(0, LONGEST) || title);
}
