import { tenantList } from '../config/tenant-list';
import { alike } from './alike';
import { difference } from './difference';
import type { Drift } from './drift';
import { count, type Notice, type NoticeItem } from './notice';

/** What somebody edited by hand: who, when, and what it should be. */
export function byHand(drifts: readonly Drift[]): Notice {
  const edits = drifts.filter((drift) => drift.byHand);
  const key = ({ service, field, live, wanted, writer }: Drift) =>
    JSON.stringify([service, field, live, wanted, writer?.manager]);
  const items = alike(edits, key).map((drifts): NoticeItem => {
    const { manager, at } = drifts[0].writer ?? {};
    const verb = `by ${manager}`;
    const subject = subjectOf(drifts);
    return at === undefined ? { subject: `${subject}, ${verb}` } : { subject, when: { verb, at } };
  });
  return { kind: 'by-hand', title: `${count(tenantsOf(edits).length, 'tenant')} edited by hand`, items };
}

/** Where the files say something else than what was deployed of them. */
export function undeployed(drifts: readonly Drift[]): Notice {
  const changes = drifts.filter((drift) => !drift.byHand);
  const key = ({ service, field, live, wanted }: Drift) => JSON.stringify([service, field, live, wanted]);
  const items = alike(changes, key).map((drifts): NoticeItem => ({ subject: subjectOf(drifts) }));
  const number = tenantsOf(changes).length;
  const title = number === 1 ? '1 tenant differs from its file' : `${number} tenants differ from their files`;
  return { kind: 'undeployed', title: `${title}, and the next run changes that`, items };
}

/** `globex: apiserver replicas is 9, and should be 3`. */
function subjectOf(drifts: [Drift, ...Drift[]]): string {
  return `${tenantList(tenantsOf(drifts))}: ${difference(drifts[0])}`;
}

function tenantsOf(drifts: readonly Drift[]): string[] {
  return [...new Set(drifts.map(({ tenant }) => tenant))];
}
