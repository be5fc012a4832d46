import { tenantList } from '../config/tenant-list';
import { commitOf } from '../images/pinned-image';
import { codeSpan } from '../plan/code-span';
import { planMarkdown } from '../plan/plan-markdown';
import { whyNot } from './newer-commits';
import { DISPATCHING_BROKEN, DISPATCHING_NEXT, type RunReport } from './run-report';
import { KINDS, type Kind } from './verdict';

const SIGNS: Readonly<Record<Kind, string>> = {
  good: '✅',
  waiting: '⏳',
  passing: '🌧️',
  person: '🚨',
  cancelled: '🚫',
};

/** More are a storm, and the run's page has them all. */
const LISTED = 50;

/** The summary of a run, in Markdown: what it came to, what it stands for, what it changed. */
export function runSummary(report: RunReport): string {
  const { verdict, absorbed, overtaken, unannounced, unknown, plan, url, commit, newer, held } = report;
  const lines = [
    `## ${SIGNS[verdict.kind]} ${KINDS[verdict.kind]}: ${verdict.title}`,
    '',
    ...verdict.evidence.slice(0, LISTED).map((line) => `- ${codeSpan(line)}`),
    ...section('What to do', verdict.next),
    ...(unannounced.length === 0
      ? []
      : [
          '',
          '> [!CAUTION]',
          `> **${DISPATCHING_BROKEN}.**`,
          ...unannounced
            .slice(0, LISTED)
            .map(
              (image) =>
                `> - ${codeSpan(image.service)} ${codeSpan(image.release)} ${codeSpan(commitOf(image))}, pushed ${codeSpan(image.pushedAt ?? '')}, in ${tenantList(image.tenants.map(codeSpan))}`,
            ),
          '>',
          ...DISPATCHING_NEXT.map((line) => `> - ${line}`),
        ]),
    ...(commit === undefined ? [] : ['', `Files and program: commit ${codeSpan(commit)}`]),
    ...section(
      'Newer, and not deployed',
      newer.slice(0, LISTED).map((one) => {
        const name = codeSpan(one.sha.slice(0, 7));
        return `${one.url === undefined ? name : `[${name}](${one.url})`} ${codeSpan(one.subject)}: ${whyNot(one)}`;
      }),
    ),
    ...section(
      'Not taken yet',
      held.slice(0, LISTED).map((line) => codeSpan(line)),
    ),
    ...section(
      `This run stands for ${absorbed.length} that waited and did not have to run`,
      absorbed.slice(0, LISTED).map(({ title, url }) => `[${codeSpan(title)}](${url})`),
    ),
    ...section(
      'Newer than their dispatch said',
      overtaken
        .slice(0, LISTED)
        .map(
          ({ announced, image }) =>
            `${codeSpan(announced.service)}: announced ${codeSpan(announced.commit)}, and ECR has ${codeSpan(commitOf(image))} by now`,
        ),
    ),
    ...unknown.flatMap((reason) => ['', `Not all that belongs here is known: ${codeSpan(reason)}`]),
  ];
  const changes = plan ? `\n${planMarkdown(plan, url)}` : '';
  return `${lines.join('\n')}\n${changes}`;
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `**${title}**`, '', ...items.map((item) => `- ${item}`)];
}
