import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../../lib/config/platform';
import { UnresolvedImages } from '../../lib/images/image-problem';
import { ImageSet } from '../../lib/images/image-set';
import { commitOf, type PinnedImage } from '../../lib/images/pinned-image';
import type { Attestations } from '../../lib/images/provenance/ecr-attestations';
import { proveImages } from '../../lib/images/provenance/prove-images';
import { ReviewedCommits } from '../../lib/images/provenance/reviewed-commits';
import {
  GITHUB,
  PublishedRoots,
  SIGSTORE,
  type TrustedRoots,
  trustedRoots,
} from '../../lib/images/provenance/trusted-roots';
import { type Attestation, LocalAuthority } from '../../local/local-authority';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

test('placeholder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'x-'));
  const authority = new LocalAuthority(folder);
  const image = pinnedImage('web-client', 'one');
  const bundle = await authority.attest({
    digest: image.digest,
    builds: { repository: 'https://github.com/acme/web-client', branch: image.release, commit: commitOf(image) },
    workflow: 'https://github.com/acme/platform/.github/workflows/publish-image.yml@refs/heads/main',
    repository: 'https://github.com/acme/web-client',
    ref: 'refs/heads/main',
  });
  const roots = trustedRoots({ TENANTRY_TRUSTED_ROOT: await authority.trustedRoot(), AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  const { attestedBuild } = await import('../../lib/images/provenance/attested-build');
  console.log(bundle.length, await attestedBuild(bundle, roots));
});
