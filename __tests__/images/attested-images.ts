import type { Platform } from '../../lib/config/platform';
import { commitOf, type PinnedImage } from '../../lib/images/pinned-image';
import { WORKFLOW } from '../../lib/images/provenance/expected-build';
import type { Attestation } from '../../local/local-authority';
import { PLATFORM } from '../stacks/pinned-platform';

/** A platform that wants to know where every image comes from. */
export const PROVED: Platform = {
  ...PLATFORM,
  services: ['web-client', 'apiserver'].map((name) => ({
    name,
    repository: `acme/${name}`,
    github: `acme/${name}`,
    port: 8080,
    provenance: 'required',
  })),
  operator: { ...PLATFORM.operator, repository: 'acme/operator', provenance: 'required' },
};

export const PUBLISHER = `https://github.com/acme/platform/${WORKFLOW}`;

/** What publish-image attests of an image. */
export function attestationOf(image: PinnedImage, github = `acme/${image.service}`): Attestation {
  const repository = `https://github.com/${github}`;
  return {
    digest: image.digest,
    builds: { repository, branch: image.release, commit: commitOf(image) },
    workflow: `${PUBLISHER}@refs/heads/main`,
    repository,
    ref: 'refs/heads/main',
  };
}
