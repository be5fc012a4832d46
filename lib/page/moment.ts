import { type ComponentChildren, h } from 'preact';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A moment as it is read without JavaScript; with it, `page.js` says how long ago that was when the page is looked at. */
export function moment(iso: string): ComponentChildren {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return h('span', null, 'at an unknown time');
  const [, , day = '', time = ''] = /^(.*)-(\d\d)T(\d\d:\d\d)/.exec(date.toISOString()) ?? [];
  const text = `${Number(day)} ${MONTHS[date.getUTCMonth()]}, ${time}`;
  return h('time', { dateTime: date.toISOString(), title: absolute(iso) }, text);
}

/** `2026-11-22 08:00:00 UTC` */
export function absolute(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
