import { type ComponentChildren, h } from 'preact';
import type { Fleet } from '../fleet/fleet';

/** What narrows the matrix down and sorts it. Hidden until `page.js` runs, without which it could do nothing. */
export function filters({ rings, services, tenants }: Fleet): ComponentChildren {
  const inUse = rings.filter((ring) => tenants.some((tenant) => tenant.ring === ring));
  const indexed = (names: readonly string[]) => names.map((name, index) => ({ value: String(index), name }));
  return h('form', { id: 'filters', role: 'search', 'aria-label': 'Tenants', hidden: true }, [
    labelled(
      'Search',
      h('input', { id: 'text', type: 'search', placeholder: 'name, host, commit, digest, reason', spellcheck: false }),
    ),
    labelled(
      'Ring',
      choice(
        'ring',
        'all rings',
        inUse.map((ring) => ({ value: String(rings.indexOf(ring)), name: ring })),
      ),
    ),
    labelled('Service', choice('service', 'all services', indexed(services))),
    labelled(
      'Sort by',
      h('select', { id: 'sort' }, [
        h('option', { value: 'state' }, 'state'),
        h('option', { value: 'name' }, 'tenant'),
        h('option', { value: 'ring' }, 'ring'),
        ...services.map((service, index) => h('option', { value: `service-${index}` }, service)),
      ]),
    ),
    h('label', { class: 'check' }, [h('input', { id: 'differs', type: 'checkbox' }), ' Only what differs']),
    h('p', { id: 'shown', role: 'status' }),
  ]);
}

function labelled(label: string, control: ComponentChildren): ComponentChildren {
  return h('label', null, [h('span', null, label), control]);
}

function choice(
  id: string,
  all: string,
  options: readonly { readonly value: string; readonly name: string }[],
): ComponentChildren {
  return h('select', { id }, [
    h('option', { value: '' }, all),
    ...options.map(({ value, name }) => h('option', { value }, name)),
  ]);
}
