import { fromText } from '../config/origins';
import { FROZEN_NOTICE } from '../images/frozen-notice';
import { shortCommit } from '../images/pinned-image';
import type { Change, FieldChange, ImageChange, PlannedImage } from './change';
import { type Group, grouped } from './grouped';
import type { RingWait, UnprovenImage } from './held-images';
import type { OtherChange } from './other-change';
import type { Passage, Piece, PlanStory, Section } from './passage';
import type { PlanReport } from './plan-report';
import type { TenantChange } from './tenant-change';

/** What a person is told about a plan, in this order. */
export function planStory(report: PlanReport): PlanStory {
  const { refusals, changes, others, waits, unproven, partial, frozen, note } = report;
  const of = (...whats: readonly TenantChange['what'][]) => changes.filter(({ what }) => whats.includes(what));
  const groups = grouped(of('changed', 'recorded', 'left'));
  const isDecommission = ({ change }: Group) => change.kind === 'field' && change.field === 'decommission';
  const plain = groups.filter((group) => group.change.byHand === undefined && !isDecommission(group));
  const byHand = groups.filter((group) => group.change.byHand !== undefined && !isDecommission(group));

  const sections: Section[] = [
    { title: 'Deleted', lines: of('deleted', 'replaced', 'forgotten').map(gone) },
    { title: 'Decommissioned, or back in use', lines: groups.filter(isDecommission).map(decommissioned) },
    { title: 'Added', lines: of('added', 'made-again').map(added) },
    { title: 'Edited by hand', lines: byHand.map(line) },
    { title: 'Images', lines: plain.filter(({ change }) => change.kind === 'image').map(line) },
    { title: 'Settings', lines: plain.filter(({ change }) => change.kind === 'field').map(line) },
    { title: 'Noted by Terraform alone: the cluster has it already', lines: recorded(of('recorded')) },
    { title: 'Else', lines: others.map(other) },
    { title: 'Waits for earlier rings', lines: waits.map(waiting) },
  ];
  return {
    headline: headline(report),
    alarms: refusals.map(({ subject, reason }) => [{ data: subject }, ` ${reason}.`]),
    notes: [
      ...(frozen === undefined ? [] : [[`${FROZEN_NOTICE}. Its lock is `, { data: frozen }, '.']]),
      ...(note === undefined ? [] : [[note]]),
      ...unproven.map(unprovenDescribed),
      ...(partial ? [['The plan is of a part of the stack only: a run may change more.']] : []),
    ],
    sections: sections.filter(({ lines }) => lines.length > 0),
  };
}

function headline({ verdict, refusals, tenants, changes, others, stack }: PlanReport): Passage {
  if (verdict === 'refused') {
    const what = refusals.length === 1 ? 'this must not be' : `these ${refusals.length} must not be`;
    return [`REFUSED: ${what}. Do not deploy this plan.`];
  }
  if (verdict === 'nothing') {
    const all = tenants.length === 1 ? { data: tenants[0] as string } : `all ${tenants.length} tenants`;
    const well: Passage = [': ', all, tenants.length === 1 ? ' is as it should be' : ' are as they should be'];
    return [
      `Nothing would change in the stack ${stack}`,
      ...(tenants.length > 0 && changes.length === 0 ? well : []),
      '.',
    ];
  }
  const touched = changes.filter(({ what }) => what === 'changed').length;
  const count = (words: string, ...whats: readonly TenantChange['what'][]) => {
    const found = changes.filter(({ what }) => whats.includes(what)).length;
    return found === 0 ? [] : [`${found} ${words}`];
  };
  const parts = [
    ...(touched > 0 ? [`${touched} of ${tenants.length} tenants would change`] : []),
    ...count('would be added', 'added'),
    ...count('would be made again', 'made-again'),
    ...count('would be deleted', 'deleted', 'replaced'),
    ...count('would not be waited for any more', 'forgotten'),
    ...(others.length > 0 ? [`${others.length} other ${others.length === 1 ? 'thing' : 'things'} would change`] : []),
  ];
  if (parts.length > 0) return [`${parts.join(', ')}.`];
  return ['Nothing would change in the cluster.'];
}

function gone({ tenant, what, database }: TenantChange): Passage {
  if (what === 'forgotten') return [{ data: tenant }, ' is being deleted already, and no run waits for that any more'];
  const kept: Passage =
    database?.deletionPolicy === 'Delete'
      ? [', and its database ', { data: database.name }, ' with all its data']
      : ['; its database ', { data: database?.name ?? '' }, ' is kept'];
  const again = what === 'replaced' ? ['. Then it is made again'] : [];
  return [{ data: tenant }, ' is deleted', ...kept, ...again];
}

function decommissioned({ change, tenants }: Group): Passage {
  const { to, byHand } = change as FieldChange;
  const hand = byHand === 'put-back' ? ' (edited by hand, put back)' : '';
  const what = to === 'true' ? 'services stop, data stays, and from then on it may be deleted' : 'in use again';
  return [{ tenants }, `: ${what}${hand}`, ...whySo(change)];
}

function added({ tenant, what, host, ring, changes }: TenantChange): Passage {
  const images = changes.filter((change) => change.kind === 'image');
  const services = images.flatMap(
    ({ service, to }, index): Passage => [
      index === 0 ? ': ' : ', ',
      { data: service },
      ' ',
      { data: shortCommit(to?.commit ?? '') },
    ],
  );
  const why = what === 'made-again' ? ', which somebody deleted by hand,' : '';
  return [{ data: tenant }, `${why} at `, { data: host }, ', ring ', { data: ring }, ...services];
}

function waiting({ ring, after, bakeSeconds, tenants }: RingWait): Passage {
  const earlier = after.flatMap((name, index): Passage => [index === 0 ? '' : ', ', { data: name }]);
  const bake =
    bakeSeconds === 0 ? '' : ` for ${bakeSeconds % 60 === 0 ? `${bakeSeconds / 60} min` : `${bakeSeconds} s`}`;
  return [
    { tenants },
    ' (ring ',
    { data: ring },
    ') keep the images that they run until all of ',
    ...earlier,
    ` is well on its own${bake}`,
  ];
}

/** Nothing fails, and nothing comes of it: that must not be overlooked. */
function unprovenDescribed({ service, release, tenants }: UnprovenImage): Passage {
  return [
    'No earlier ring proves ',
    { data: service },
    ' of ',
    { data: release },
    ': no tenant there would run it. The operator keeps the old image in ',
    { tenants },
    '. Give one tenant of an earlier ring this release, or write "unproven: allow".',
  ];
}

function recorded(tenants: readonly TenantChange[]): Passage[] {
  return tenants.length === 0 ? [] : [[{ tenants: tenants.map(({ tenant }) => tenant) }]];
}

function line({ change, tenants }: Group): Passage {
  return [...described(change), ' in ', { tenants }, ...hand(change), ...whySo(change)];
}

function whySo({ why }: Change): Passage {
  return why === undefined ? [] : [' (', { data: fromText(why) }, ')'];
}

function hand({ byHand }: Change): Passage {
  if (byHand === 'put-back') return [' (edited by hand, will be put back)'];
  if (byHand === 'stays') return [' (by hand, and stays: no file says anything of it)'];
  return [];
}

function described(change: Change): Passage {
  return change.kind === 'image' ? imageDescribed(change) : fieldDescribed(change);
}

/** In the words of the configuration. */
const FIELDS: Readonly<Record<string, string>> = {
  healthPath: 'health path',
  maxReplicas: 'replicas.max',
  targetCpu: 'replicas.cpu',
  secretPath: 'path in the secret store',
  'secretStore.refreshSeconds': 'secretStore.refresh, in seconds',
  suspend: 'suspended',
  'rollout.after': 'earlier rings',
  'rollout.atOnce': 'tenants of the ring at a time',
  'rollout.unproven': 'images that no earlier ring runs',
  'database.name': 'database (which the cluster will refuse: it never changes its name)',
  'database.deletionPolicy': 'deletion policy of the database',
  'database.server': 'server of the database (its data stays where it is until somebody moves it)',
  'database.connectionLimit': 'connections to the database',
  'database.rotation': 'rotation of the database password',
};

function fieldDescribed({ service, field, from, to }: FieldChange): Passage {
  const name = FIELDS[field];
  return [
    ...(service === undefined ? [] : [{ data: service }, ' ']),
    name === undefined ? { data: field } : name,
    ' ',
    ...fromTo(from ?? 'none', to ?? 'none'),
  ];
}

function imageDescribed({ service, from, to, compare }: ImageChange): Passage {
  if (!from) return [{ data: service }, ' is new, with ', { data: shortCommit(to?.commit ?? '') }];
  if (!to) return [{ data: service }, ' goes, it ran ', { data: shortCommit(from.commit) }];
  const releases = from.release === to.release ? [] : [' (', ...fromTo(from.release, to.release), ')'];
  const commits = commitsDescribed(from, to);
  return [
    { data: service },
    ' ',
    ...(compare === undefined ? commits : [{ link: compare, passage: commits }]),
    ...releases,
  ];
}

function commitsDescribed(from: PlannedImage, to: PlannedImage): Passage {
  if (from.commit !== to.commit) {
    return [
      ...fromTo(shortCommit(from.commit), shortCommit(to.commit)),
      ...(from.image === to.image ? [', one image'] : []),
    ];
  }
  const commit = { data: shortCommit(to.commit) };
  if (from.image === to.image) return [commit];
  return [commit, ' built anew, ', ...fromTo(digest(from.image), digest(to.image))];
}

function fromTo(from: string, to: string): Piece[] {
  return [{ data: from }, ' → ', { data: to }];
}

function other({ what, action, fields, image }: OtherChange): Passage {
  const SHOWN = 5;
  const paths = fields.slice(0, SHOWN).flatMap((path, index): Passage => [index === 0 ? ': ' : ', ', { data: path }]);
  const more = fields.length > SHOWN ? ` and ${fields.length - SHOWN} more` : '';
  return [{ data: what }, ` ${OUTCOMES[action]}`, ...(image ? [': ', ...imageDescribed(image)] : [...paths, more])];
}

const OUTCOMES: Readonly<Record<OtherChange['action'], string>> = {
  create: 'is made',
  update: 'changes',
  delete: 'is deleted',
  replace: 'is deleted and made anew',
  forget: 'is left to itself',
};

function digest(image: string): string {
  return (image.split('@sha256:')[1] ?? image).slice(0, 12);
}
