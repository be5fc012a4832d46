import { reviewImages } from '../../lib/images/review-images';

const LOCK = 'frozen.lock.json';

test.each([
  ['neither before nor after it is frozen: the files change alone', undefined, undefined, 'live', undefined],
  ['a freeze: the lock', LOCK, undefined, '', /^This freezes the platform\. Planned with the lock/],
  ['a roll back by another lock: that lock', 'other.lock.json', LOCK, '', /^Planned with the lock/],
  ['the same lock, which may have other images now: the lock', LOCK, LOCK, '', /^Planned with the lock/],
  ['the end of a freeze: what ECR has', undefined, LOCK, 'ecr', /ends the freeze\. Planned with what ECR has now/],
])('a review sees of %s', (_, frozen, before, images, note) => {
  const found = reviewImages(frozen, before);
  expect(found.images).toBe(images);
  if (note) expect(found.note).toMatch(note);
  else expect(found.note).toBeUndefined();
});

test('a review sees of the end of a freeze, where images come after another environment, what runs: what that will have converged on nobody knows', () => {
  const { images, note } = reviewImages(undefined, LOCK, 'staging.yaml');
  expect(images).toBe('live');
  expect(note).toMatch(/ends the freeze\..* takes what staging\.yaml has converged on by then/);
});
