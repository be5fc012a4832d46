import type { PinnedImage } from '../images/pinned-image';
import type { PlanReport } from '../plan/plan-report';
import type { Announcement } from './announcement';

export interface SafetyNet {
  readonly plan: PlanReport;
  /** Those that the run pinned. */
  readonly images: readonly PinnedImage[];
  /** All that dispatches have said since the oldest of those images. */
  readonly announced: readonly Announcement[];
  readonly now: Date;
  /** Minutes that a dispatch may take after its image: the last steps of a release workflow. Well below the schedule's, whose next run finds nothing. */
  readonly grace: number;
}

/**
 * The images that a run had to deploy, and that no dispatch ever spoke of: dispatching is broken, which nobody would notice else, since
 * the schedule, or the dispatch of another image, makes up for it.
 */
export function unannounced({ plan, images, announced, now, grace }: SafetyNet): PinnedImage[] {
  // A frozen platform changes by commits alone.
  if (plan.frozen !== undefined) return [];
  const arriving = plan.changes
    .filter(({ what }) => what === 'changed')
    .flatMap(({ changes }) => changes)
    // Of another release, or put back after an edit by hand: no image was pushed for these.
    .flatMap((change) =>
      change.kind === 'image' && !change.byHand && change.from?.release === change.to?.release && change.to
        ? [{ service: change.service, ...change.to }]
        : [],
    );
  return images.filter((image) => {
    const { service, release, digest, commits, pushedAt } = image;
    const arrives = arriving.some((one) => one.service === service && one.image.endsWith(`@${digest}`));
    const age = now.getTime() - Date.parse(pushedAt ?? '');
    const spokenOf = announced.some(
      (one) => one.service === service && one.release === release && commits.includes(one.commit),
    );
    // An image of unknown age is taken for a new one: a false alarm would teach people to ignore the right ones.
    return arrives && age > grace * 60_000 && !spokenOf;
  });
}
