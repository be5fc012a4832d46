import { type ComponentChildren, h } from 'preact';
import type { Platform } from '../config/platform';
import type { Notice, NoticeItem } from '../fleet/notice';
import { compareLink } from '../plan/compare-link';
import { moment } from './moment';

/** So many are shown at once; the others unfold. */
const SHOWN = 10;

/** What is worth knowing before reading any row. */
export function noticeList(notices: readonly Notice[], platform: Platform): ComponentChildren {
  if (notices.length === 0) return h('p', { class: 'well' }, 'All of it is ready, and as the files and ECR say.');
  return h(
    'div',
    { class: 'notices' },
    notices.map(({ kind, title, items }) => {
      const lines = items.map((item) => h('li', null, sentence(item, platform)));
      const more = lines.slice(SHOWN);
      return h('section', { class: `notice ${kind}` }, [
        h('h3', null, title),
        h('ul', null, lines.slice(0, SHOWN)),
        more.length > 0 && h('details', null, [h('summary', null, `${more.length} more`), h('ul', null, more)]),
      ]);
    }),
  );
}

function sentence({ subject, when, text, change }: NoticeItem, platform: Platform) {
  const href = change && compareLink(platform, change.service, change.from, change.to);
  return [
    h('b', null, subject),
    when && [`, ${when.verb ?? 'since'} `, moment(when.at)],
    text !== undefined && `: ${text}`,
    href !== undefined && [' ', h('a', { href, 'aria-label': `compare ${subject}` }, 'compare')],
  ];
}
