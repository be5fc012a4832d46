import type { ImageChange } from '../plan/change';
import type { PlanReport } from '../plan/plan-report';

/** A service that went from one commit to another. */
export interface Move {
  readonly service: string;
  readonly from: string;
  readonly to: string;
  /** What lies between them, at GitHub. */
  readonly compare?: string;
  /** Sorted. */
  readonly rings: readonly string[];
  readonly tenants: readonly string[];
}

/** What a run did, where it did what was planned. */
export interface Done {
  readonly moves: readonly Move[];
  /** Tenants that came, and that went. */
  readonly added: readonly string[];
  readonly deleted: readonly string[];
  /** Tenants of which something else than an image changed. */
  readonly settings: readonly string[];
}

/** What a plan comes to when it is carried out; undefined where that is nothing that anybody would notice. */
export function doneBy({ changes }: Pick<PlanReport, 'changes'>): Done | undefined {
  const of = (...whats: readonly string[]) =>
    changes.filter(({ what }) => whats.includes(what)).map(({ tenant }) => tenant);
  const changed = changes.filter(({ what }) => what === 'changed');
  const moves = new Map<string, Move & { tenants: string[]; rings: string[] }>();
  for (const { tenant, ring, changes: all } of changed) {
    for (const change of all.filter(isMove)) {
      const { service, compare } = change;
      const [from, to] = [change.from.commit, change.to.commit];
      const key = `${service} ${from} ${to}`;
      const move = moves.get(key) ?? { service, from, to, ...(compare && { compare }), rings: [], tenants: [] };
      if (!move.rings.includes(ring)) move.rings.push(ring);
      move.tenants.push(tenant);
      moves.set(key, move);
    }
  }
  const done: Done = {
    moves: [...moves.values()].map((move) => ({ ...move, rings: move.rings.sort() })),
    added: of('added', 'made-again'),
    deleted: of('deleted', 'replaced'),
    settings: changed
      .filter(({ changes: all }) => all.some((change) => !isMove(change) && change.byHand !== 'stays'))
      .map(({ tenant }) => tenant),
  };
  return Object.values(done).some((list) => list.length > 0) ? done : undefined;
}

type Moving = ImageChange & Required<Pick<ImageChange, 'from' | 'to'>>;

function isMove(change: PlanReport['changes'][number]['changes'][number]): change is Moving {
  return change.kind === 'image' && change.from !== undefined && change.to !== undefined;
}
