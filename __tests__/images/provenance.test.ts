import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageProblem, UnresolvedImages } from '../../lib/images/image-problem';
import { ImageSet } from '../../lib/images/image-set';
import type { PinnedImage } from '../../lib/images/pinned-image';
import type { Attestations } from '../../lib/images/provenance/ecr-attestations';
import { proveImages } from '../../lib/images/provenance/prove-images';
import { PublishedRoots, type TrustedRoots, trustedRoots } from '../../lib/images/provenance/trusted-roots';
import { visibleLines } from '../../lib/text/harmless';
import { type Attestation, LocalAuthority } from '../../local/local-authority';
import { attestationOf, PROVED, PUBLISHER } from './attested-images';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

const LOCAL = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
const IMAGE = pinnedImage('web-client', 'one');

let folder: string;
let authority: LocalAuthority;
let roots: TrustedRoots;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-provenance-'));
  authority = new LocalAuthority(join(folder, 'authority'));
  roots = trustedRoots({ ...LOCAL, TENANTRY_TRUSTED_ROOT: await authority.trustedRoot() });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Attestations as a table: those of each digest. */
class Table implements Attestations {
  readonly asked: string[] = [];
  constructor(private readonly bundles: Readonly<Record<string, readonly string[]>>) {}

  async of({ digest }: PinnedImage): Promise<readonly string[]> {
    this.asked.push(digest);
    return this.bundles[digest] ?? [];
  }
}

async function prove(
  images: readonly PinnedImage[],
  attestations: Attestations,
  { platform = PROVED, trusted = roots } = {},
): Promise<ImageSet> {
  return proveImages(new ImageSet(REGISTRY, images), platform, { attestations, roots: trusted });
}

/** Why IMAGE is refused with these attestations. */
async function refusal(bundles: readonly string[], options?: Parameters<typeof prove>[2]): Promise<ImageProblem> {
  const error = await prove([IMAGE], new Table({ [IMAGE.digest]: bundles }), options).then(
    () => new Error('it was accepted'),
    (thrown: Error) => thrown,
  );
  const [problem] = error instanceof UnresolvedImages ? error.problems : [];
  if (!problem) throw error;
  return problem;
}

const good = attestationOf(IMAGE);
const attest = (changes: Partial<Attestation> = {}, by = authority) => by.attest({ ...good, ...changes });

describe('an image whose provenance is wanted', () => {
  test('is deployed when its attestation says what its tag promises, and it is known by whom', async () => {
    const { images } = await prove([IMAGE], new Table({ [IMAGE.digest]: [await attest()] }));
    expect(images[0]?.provenance).toEqual({
      signer: 'acme/platform/.github/workflows/publish-image.yml@refs/heads/main',
      branch: 'releases/0.0.2',
      run: 'https://github.com/acme/web-client/actions/runs/1/attempts/1',
    });
  });

  test('may have been built of the default branch, as a commit is that has both', async () => {
    const bundle = await attest({ builds: { ...good.builds, branch: 'main' } });
    expect((await prove([IMAGE], new Table({ [IMAGE.digest]: [bundle] }))).images[0]?.provenance?.branch).toBe('main');
  });

  test("is looked up once, however many tenants run it; the operator's too", async () => {
    const operator = { ...pinnedImage('operator', 'one', []) };
    const table = new Table({
      [IMAGE.digest]: [await attest()],
      [operator.digest]: [await authority.attest(attestationOf(operator, 'acme/platform'))],
    });
    const tenants = Array.from({ length: 300 }, (_, index) => `tenant-${index}`);
    const split = [{ ...IMAGE, tenants: tenants.slice(0, 150) }, { ...IMAGE, tenants: tenants.slice(150) }, operator];
    const { images } = await prove(split, table);
    expect(images.every(({ provenance }) => provenance)).toBe(true);
    expect(table.asked.sort()).toEqual([IMAGE.digest, operator.digest].sort());
  });

  test('is refused when nobody attested it, with what to do', async () => {
    const { kind, message } = await refusal([]);
    expect(kind).toBe('unproven');
    expect(message).toContain(`The image ${IMAGE.digest} of commit ${IMAGE.commits[0]} has no attestation in ECR`);
    expect(message).toContain('run the CI of commit');
  });

  const elsewhere = 'https://github.com/acme/web-client-2';
  test.each<[string, Partial<Attestation>, string]>([
    [
      'another repository',
      { builds: { ...good.builds, repository: elsewhere } },
      `repository of the commit: expected https://github.com/acme/web-client, found ${elsewhere}`,
    ],
    [
      'a run of another repository',
      { repository: elsewhere },
      `repository of the run: expected https://github.com/acme/web-client, found ${elsewhere}`,
    ],
    [
      'another branch',
      { builds: { ...good.builds, branch: 'releases/0.0.3' } },
      'branch: expected releases/0.0.2 or main, found releases/0.0.3',
    ],
    [
      'another commit',
      { builds: { ...good.builds, commit: commitNamed('other') } },
      `commit: expected ${IMAGE.commits[0]}, found ${commitNamed('other')}`,
    ],
    [
      'a release workflow of a branch',
      { ref: 'refs/heads/evil' },
      'branch of the release workflow: expected refs/heads/main, found refs/heads/evil',
    ],
    [
      'another workflow',
      { workflow: 'https://github.com/acme/web-client/.github/workflows/publish-image.yml@refs/heads/main' },
      'publishing workflow: expected https://github.com/acme/platform/',
    ],
    [
      'the workflow of a branch',
      { workflow: `${PUBLISHER}@refs/heads/evil` },
      'found https://github.com/acme/platform/.github/workflows/publish-image.yml@refs/heads/evil',
    ],
    [
      'a workflow whose name only begins so',
      { workflow: `${PUBLISHER}.evil.yml@refs/heads/main` },
      'publishing workflow: expected',
    ],
    ['another issuer', { extensions: { 8: 'https://gitlab.com' } }, 'issuer: expected https://token.actions.'],
    [
      'a runner of their own',
      { extensions: { 11: 'self-hosted' } },
      'runner: expected github-hosted, found self-hosted',
    ],
    [
      'a release workflow that did not follow CI',
      { extensions: { 20: 'deployment_status' } },
      'event of the release workflow: expected workflow_run, found deployment_status',
    ],
    [
      'a pull request',
      { builds: { ...good.builds, event: 'pull_request' } },
      'CI: expected push, success, found pull_request, success',
    ],
    ['a CI that failed', { builds: { ...good.builds, conclusion: 'failure' } }, 'found push, failure'],
    ['another image', { digest: digestOf('other') }, `digest: expected ${IMAGE.digest}, found ${digestOf('other')}`],
    ['no provenance', { predicateType: 'https://spdx.dev/Document' }, 'what it signs is no provenance'],
  ])('is refused when its attestation is of %s', async (_, changes, reason) => {
    const { kind, message } = await refusal([await attest(changes)]);
    expect(kind).toBe('unproven');
    expect(message).toContain(reason);
  });

  test('is refused when another owner took the name of a repository whose ids the platform file has', async () => {
    const services = PROVED.services.map((one) => ({ ...one, github: `acme@11/${one.name}@22` }));
    const platform = { ...PROVED, services };
    expect((await refusal([await attest({ extensions: { 15: '23', 17: '11' } })], { platform })).message).toContain(
      'id of the repository: expected 22, found 23',
    );
    const bundle = await attest({ extensions: { 15: '22', 17: '11' } });
    await expect(prove([IMAGE], new Table({ [IMAGE.digest]: [bundle] }), { platform })).resolves.toBeDefined();
  });

  test('needs one attestation that fits, whatever others say beside it', async () => {
    const wrong = await attest({ builds: { ...good.builds, branch: 'releases/0.0.3' } });
    const worse = await attest({ builds: { ...good.builds, branch: 'x', commit: 'y' } });
    await expect(
      prove([IMAGE], new Table({ [IMAGE.digest]: ['junk', wrong, await attest(), worse] })),
    ).resolves.toBeDefined();
    const { message } = await refusal(['junk', worse, wrong]);
    expect(message).toContain('none of its 3 attestations fits. The nearest:\n- branch: expected');
  });

  test('is refused by every reason at once, and shows nothing that acts on a terminal or a runner', async () => {
    const { message } = await refusal([
      await attest({ ref: '\u001b[2J\n::error::x', builds: { ...good.builds, branch: `a\u202e${'b'.repeat(5_000)}` } }),
    ]);
    expect(message).toContain('branch of the release workflow');
    expect(message).toBe(visibleLines(message));
    expect(message.length).toBeLessThan(2_000);
  });
});

describe('a bundle proves nothing', () => {
  test('of another authority', async () => {
    const other = new LocalAuthority(join(folder, 'other'));
    expect((await refusal([await attest({}, other)])).message).toContain('it cannot be trusted');
  });

  test('signed after its certificate had ended, or before it began', async () => {
    for (const minutes of [-30, 30]) {
      const loggedAt = new Date(Date.now() + minutes * 60_000);
      const { message } = await refusal([await attest({ signedAt: new Date(), loggedAt })]);
      expect(message).toContain('it cannot be trusted');
    }
  });

  type Json = { verificationMaterial: { tlogEntries: Record<string, unknown>[] } & Record<string, unknown> } & Record<
    string,
    unknown
  >;
  const changed = async (change: (bundle: Json) => void) => {
    const bundle = JSON.parse(await attest()) as Json;
    change(bundle);
    return refusal([JSON.stringify(bundle)]);
  };

  test('that stands in no log', async () => {
    const { message } = await changed(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries = [];
    });
    expect(message).toContain('- an attestation: it ');
  });

  test('whose entry in the log is of another', async () => {
    const other = JSON.parse(await attest()) as Json;
    const { message } = await changed(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
    });
    expect(message).toContain('it cannot be trusted');
  });

  test('whose time nobody signed', async () => {
    const { message } = await changed(({ verificationMaterial }) => {
      delete verificationMaterial.tlogEntries[0]?.inclusionPromise;
    });
    expect(message).toContain('states a time that nobody signed');
  });

  test('whose certificate is none, whoever is to be trusted', async () => {
    for (const bytes of [[], [0x30, 0], [0x30, 2, 0x30, 0], [0x30, 4, 0x30, 2, 0xa3, 0]]) {
      const bundle = JSON.parse(await attest()) as Json;
      bundle.verificationMaterial.certificate = { rawBytes: Buffer.from(bytes).toString('base64') };
      const { message } = await refusal([JSON.stringify(bundle)], { trusted: new PublishedRoots() });
      expect(message).toContain('- an attestation: it ');
    }
  });

  test('that was altered', async () => {
    const { message } = await changed((bundle) => {
      const envelope = bundle.dsseEnvelope as { payload: string };
      const text = Buffer.from(envelope.payload, 'base64').toString('utf8');
      envelope.payload = Buffer.from(text.replace('releases/0.0.2', 'releases/0.0.3')).toString('base64');
    });
    expect(message).toContain('it cannot be trusted');
  });

  test.each(['', '[]', 'null', '{', '{"mediaType":"x"}', '"::error::"', '{"verificationMaterial":{"tlogEntries":{}}}'])(
    'that is none: %j',
    async (text) => {
      expect((await refusal([text])).message).toContain('- an attestation: it is no Sigstore bundle');
    },
  );
});

describe('a service whose provenance is not wanted', () => {
  test('is asked about by nobody, and no lock says that it was proved', async () => {
    const { services, operator } = PROVED;
    const platform = {
      ...PROVED,
      operator: { ...operator, provenance: undefined } as unknown as typeof operator,
      services: services.map(({ provenance: _, ...one }) => one),
    };
    const provenance = { signer: 'a lock', branch: 'b', run: 'c' };
    const table = new Table({});
    const { images } = await prove([{ ...IMAGE, provenance }], table, { platform });
    expect(images[0]).not.toHaveProperty('provenance');
    expect(table.asked).toEqual([]);
  });

  test('leaves the others to be proved', async () => {
    const [webClient, ...others] = PROVED.services;
    const platform = { ...PROVED, services: [{ ...webClient, provenance: undefined } as never, ...others] };
    const apiserver = pinnedImage('apiserver', 'one');
    await expect(prove([IMAGE, apiserver], new Table({}), { platform })).rejects.toThrow('1 of 2 images');
  });
});

test("the publishing workflow is believed as the default branch has it, and at no commit: GitHub runs a fork's as this repository's", async () => {
  for (const ref of [commitNamed('of a fork'), 'refs/heads/tries', 'refs/tags/main', 'main']) {
    const { message } = await refusal([await attest({ workflow: `${PUBLISHER}@${ref}` })]);
    expect(message).toContain(
      `- publishing workflow: expected ${PUBLISHER}@refs/heads/main, found ${PUBLISHER}@${ref}`,
    );
  }
});

describe('the root of trust', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((_, response) => response.writeHead(503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  test('is asked for anew, and where it does not answer nothing is deployed and it may heal by itself', async () => {
    const { port } = server.address() as AddressInfo;
    const mirror = `http://127.0.0.1:${port}`;
    const { rootPath } = { rootPath: join(__dirname, '../../lib/images/provenance/tuf-repo.github.com.root.json') };
    const trusted = new PublishedRoots({ mirror, rootPath, requires: {} });
    const { kind, message } = await refusal([await attest()], { trusted });
    expect(kind).toBe('no-trust-root');
    expect(message).toContain(`${mirror} did not say whom to trust`);
  });

  test('is the published one, unless the environment names another for a registry on this machine', () => {
    const file = { TENANTRY_TRUSTED_ROOT: '/somewhere.json' };
    expect(trustedRoots({})).toBeInstanceOf(PublishedRoots);
    expect(trustedRoots({ ...file, AWS_ENDPOINT_URL_ECR: 'http://localhost:1' })).not.toBeInstanceOf(PublishedRoots);
    for (const endpoint of [undefined, 'https://api.ecr.eu-central-1.amazonaws.com', 'http://127.0.0.1.example.com']) {
      expect(() => trustedRoots({ ...file, ...(endpoint && { AWS_ENDPOINT_URL: endpoint }) })).toThrow(
        'unset TENANTRY_TRUSTED_ROOT',
      );
    }
  });

  test('is named when its file is none', async () => {
    const file = join(folder, 'no-root.json');
    writeFileSync(file, '{');
    const trusted = trustedRoots({ ...LOCAL, TENANTRY_TRUSTED_ROOT: file });
    const table = new Table({ [IMAGE.digest]: [await attest()] });
    await expect(prove([IMAGE], table, { trusted })).rejects.toThrow('no-root.json');
  });
});
