import { type ComponentChildren, h } from 'preact';
import type { Platform } from '../config/platform';
import { shortCommit } from '../images/pinned-image';
import { compareLink } from '../plan/compare-link';
import { commitLink } from './commit-link';

/** A commit of a service, with the way to it where its repository is known. */
export function commit(platform: Platform, service: string, sha: string): ComponentChildren {
  return linked(commitLink(platform, service, sha), h('code', null, shortCommit(sha)));
}

/** From one commit of a service to another, with the way to what lies between them. */
export function change(platform: Platform, service: string, from: string, to: string): ComponentChildren {
  const arrow = [h('span', { 'aria-hidden': true }, ' → '), h('span', { class: 'spoken' }, ' to ')];
  const text = [h('code', null, shortCommit(from)), arrow, h('code', null, shortCommit(to))];
  return linked(compareLink(platform, service, from, to), text);
}

function linked(href: string | undefined, text: ComponentChildren): ComponentChildren {
  return href === undefined ? h('span', null, text) : h('a', { href }, text);
}
