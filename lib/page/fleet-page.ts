import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ComponentChildren, h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Platform } from '../config/platform';
import type { Fleet } from '../fleet/fleet';
import { count } from '../fleet/notice';
import { notices } from '../fleet/notices';
import { FROZEN_NOTICE } from '../images/frozen-notice';
import { builds } from './builds';
import { contentSecurityPolicy } from './content-security-policy';
import { filters } from './filters';
import { matrix } from './matrix';
import { absolute } from './moment';
import { noticeList } from './notice-list';
import { dataBlock, inOrder, pageData } from './page-data';
import { serviceStyle } from './service-style';

/**
 * A fleet as one HTML file that needs nothing else, and can do nothing else. All text in it comes through `h`, which escapes it; the data
 * block is the exception, and has its own.
 */
export function fleetPage(fleet: Fleet, platform: Platform): string {
  const style = `${asset('page.css')}\n${serviceStyle(fleet.services.length)}`;
  const script = asset('page.js');
  const order = inOrder(fleet);
  const head = h('head', null, [
    h('meta', { charSet: 'utf-8' }),
    h('meta', { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy(style, script) }),
    h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    h('meta', { name: 'color-scheme', content: 'light dark' }),
    h('meta', { name: 'referrer', content: 'no-referrer' }),
    h('meta', { name: 'robots', content: 'noindex' }),
    h('link', { rel: 'icon', href: 'data:,' }),
    h('title', null, `${fleet.platform}: ${count(fleet.tenants.length, 'tenant')}, ${absolute(fleet.at)}`),
    verbatim('style', {}, style),
  ]);
  const body = h('body', null, [
    header(fleet),
    h('main', null, [
      section('noteworthy', 'Worth knowing', noticeList(notices(fleet), platform)),
      section('builds', 'Builds', builds(fleet, platform)),
      section('tenants', 'Tenants', [filters(fleet), matrix(fleet, order, platform)]),
    ]),
    verbatim('script', { type: 'application/json', id: 'fleet' }, dataBlock(pageData(fleet, order))),
    verbatim('script', {}, script),
  ]);
  return `<!doctype html>\n${renderToString(h('html', { lang: 'en' }, [head, body]))}\n`;
}

function header({ platform, at, frozen, tenants, rings }: Fleet): ComponentChildren {
  const inRings = rings
    .map((ring) => ({ ring, number: tenants.filter((tenant) => tenant.ring === ring).length }))
    .filter(({ number }) => number > 0)
    .map(({ ring, number }) => `${number.toLocaleString('en-US')} in ${ring}`);
  return h('header', null, [
    h('h1', null, `The fleet of ${platform}`),
    h('p', null, [
      `${tenants.length === 1 ? '1 tenant' : `${tenants.length.toLocaleString('en-US')} tenants`}, ${inRings.join(', ')}. As it was on `,
      h('time', { dateTime: at, id: 'at' }, absolute(at)),
      h('span', { id: 'age' }),
      '.',
    ]),
    h('p', { id: 'old', class: 'banner', hidden: true }),
    frozen !== undefined &&
      h('p', { class: 'banner' }, [`${FROZEN_NOTICE}. Its lock is `, h('code', null, frozen), '.']),
  ]);
}

function section(id: string, title: string, children: ComponentChildren): ComponentChildren {
  return h('section', null, [h('h2', { id }, title), children]);
}

/** Text that is no HTML, as style and script are. None of ours has an end tag in it. */
function verbatim(tag: 'style' | 'script', attributes: object, text: string): ComponentChildren {
  return h(tag, { ...attributes, dangerouslySetInnerHTML: { __html: text } });
}

function asset(name: string): string {
  return readFileSync(join(__dirname, name), 'utf8');
}
