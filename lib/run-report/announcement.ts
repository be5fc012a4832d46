import type { ImageSet } from '../images/image-set';
import type { PinnedImage } from '../images/pinned-image';

/** What a dispatch says was pushed. A hint for people: no image is ever deployed because of it. */
export interface Announcement {
  readonly service: string;
  readonly release: string;
  readonly commit: string;
}

/** As `run-name` in deploy-tenants.yml titles the runs that a dispatch starts. */
const TITLE = /^image-pushed (\S{1,100}) (\S{1,200}) ([0-9a-f]{40})$/;

/** Undefined where the title is another one: that of a push, say, or of a dispatch with something else in it. */
export function announcementIn(title: string): Announcement | undefined {
  const [, service, release, commit] = TITLE.exec(title) ?? [];
  return service && release && commit ? { service, release, commit } : undefined;
}

/** Is it the title of a run that deploys an earlier run's images again? */
export function isReplay(title: string): boolean {
  return title.startsWith('replay ');
}

/** The images of a run that are another commit than was announced: a newer one was pushed meanwhile. */
export function overtaken(
  announcements: readonly Announcement[],
  { images }: Pick<ImageSet, 'images'>,
): { readonly announced: Announcement; readonly image: PinnedImage }[] {
  return announcements.flatMap((announced) => {
    const ofIt = images.filter(
      ({ service, release }) => service === announced.service && release === announced.release,
    );
    if (ofIt.some(({ commits }) => commits.includes(announced.commit))) return [];
    return ofIt.map((image) => ({ announced, image }));
  });
}
