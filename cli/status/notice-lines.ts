import type { Notice, NoticeItem } from '../../lib/fleet/notice';
import { plainText } from '../../lib/text/harmless';
import { age, ago } from './age';
import { wrapped } from './wrapped';

/** More of one kind tell nobody anything more. */
const SHOWN = 10;
/** Longer than what the operator says, advice included; not as long as what somebody else may say. */
const LONGEST = 600;

/** What is worth knowing before reading any row: one line where it fits, a headline with a line each where there is more. */
export function noticeLines(notices: readonly Notice[], now: Date): string[] {
  return notices.flatMap(({ title, items }) => {
    const [first = '', ...others] = items.map((item) => plainText(sentence(item, now), LONGEST));
    if (others.length === 0) return wrapped(`${title}: ${first}`);
    const shown = [first, ...others].slice(0, SHOWN).flatMap((line) => wrapped(line, '  '));
    const more = items.length - SHOWN;
    return [`${title}:`, ...shown, ...(more > 0 ? [`  and ${more} more; --json has them all`] : [])];
  });
}

function sentence({ subject, when, text }: NoticeItem, now: Date): string {
  const moment =
    when && (when.verb === undefined ? `for ${lasting(when.at, now)}` : `${when.verb} ${ago(when.at, now)}`);
  return [subject, ...(moment === undefined ? [] : [`, ${moment}`]), ...(text === undefined ? [] : [`: ${text}`])].join(
    '',
  );
}

function lasting(at: string, now: Date): string {
  const passed = age(at, now);
  return passed === 'now' ? 'a moment' : passed;
}
