import { commitOf } from '../images/pinned-image';
import { plainText } from '../text/harmless';
import { DISPATCHING_BROKEN, DISPATCHING_NEXT, type RunReport } from './run-report';
import { KINDS, type Kind } from './verdict';

const SIGNS: Readonly<Record<Kind, string>> = {
  good: ':white_check_mark:',
  waiting: ':hourglass_flowing_sand:',
  passing: ':cloud:',
  person: ':rotating_light:',
  cancelled: ':no_entry_sign:',
};

/** A message is cut by Slack after 40,000 characters; nobody reads so much. */
const LINES = 12;

/** What Slack's incoming webhooks take, in one line. */
export function slackMessage({ verdict, unannounced, url }: RunReport, platform: string): string {
  const { kind, title, evidence, next } = verdict;
  const lines = [
    `${SIGNS[kind]} *${KINDS[kind]}* (${written(platform)}): ${written(title)}`,
    ...evidence.slice(0, LINES).map((line) => `> ${written(line)}`),
    ...next.map((line) => `• ${written(line)}`),
    ...(unannounced.length === 0
      ? []
      : [
          `:rotating_light: *${DISPATCHING_BROKEN}*`,
          ...unannounced.slice(0, LINES).map((image) => `> ${written(`${image.service} ${commitOf(image)}`)}`),
          ...DISPATCHING_NEXT.map((line) => `• ${line}`),
        ]),
    ...(url === undefined ? [] : [`<${url}|The run>`]),
  ];
  return JSON.stringify({ text: lines.join('\n') });
}

/** Without the characters that Slack gives a meaning: no mention, and no link but a plain address. */
function written(text: string): string {
  return plainText(text, 500).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
