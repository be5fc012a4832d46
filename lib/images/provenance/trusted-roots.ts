import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial, Verifier, type VerifierOptions } from '@sigstore/verify';
import { ExplainedError } from '../../text/explained-error';
import { plainText } from '../../text/harmless';
import { shownPath } from '../../text/shown-path';

/** Whom to trust that a certificate is GitHub's word on a job. */
export interface TrustedRoots {
  /**
   * @param issuer - of the certificate, as it says itself.
   * @throws TrustRootUnreachable when it can't be known now.
   */
  verifierFor(issuer: Buffer): Promise<Verifier>;
}

/** Thrown when nobody says whom to trust. It may heal by itself. */
export class TrustRootUnreachable extends Error {
  override readonly name = 'TrustRootUnreachable';

  constructor(
    readonly mirror: string,
    options: ErrorOptions,
  ) {
    const { cause } = options as { cause: Error & { cause?: Error } };
    super(plainText(`${mirror} did not say whom to trust: ${cause.cause?.message ?? cause.message}`, 300), options);
  }
}

/** Thrown when a root of trust is given that would hold for a real registry. */
export class ForeignRoot extends ExplainedError {
  override readonly name = 'ForeignRoot';
}

/** One that publishes whom to trust, by The Update Framework. */
export interface Authority {
  readonly mirror: string;
  /** The first root, from which every later one follows by signatures; it may be as old as it likes. Default: that in the package. */
  readonly rootPath?: string;
  /** What must stand beside a signature. */
  readonly requires: VerifierOptions;
}

/** Public repositories: https://docs.sigstore.dev. Its certificates stand in a log of certificates, and signatures in another. */
export const SIGSTORE: Authority = { mirror: 'https://tuf-repo-cdn.sigstore.dev', requires: {} };

/**
 * Private repositories: GitHub's own, which keeps no logs, but signs the time. Both as `gh attestation verify` has it:
 * https://github.com/cli/cli/blob/trunk/pkg/cmd/attestation/verification/sigstore.go. The file is that of the same folder there.
 */
export const GITHUB: Authority = {
  mirror: 'https://tuf-repo.github.com',
  rootPath: join(__dirname, 'tuf-repo.github.com.root.json'),
  requires: { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 1 },
};

/** In the issuer's name of certificates by GitHub's own authority. */
const GITHUB_ISSUER = Buffer.from('GitHub, Inc.');

/** What names the file with another root of trust, for a registry on this machine. */
const FILE = 'TENANTRY_TRUSTED_ROOT';

/**
 * Those whom GitHub has sign for it; or, for a registry on this machine, whoever the environment names.
 *
 * @throws ForeignRoot where that is named for any other registry.
 */
export function trustedRoots(env: NodeJS.ProcessEnv = process.env): TrustedRoots {
  const file = env[FILE];
  if (!file) return new PublishedRoots();
  const endpoint = env.AWS_ENDPOINT_URL_ECR || env.AWS_ENDPOINT_URL;
  if (!isLocal(endpoint)) {
    throw new ForeignRoot(
      `${FILE} is set, and the registry is not on this machine: another root of trust is for the local platform alone. Unset it: unset ${FILE}`,
    );
  }
  return new RootFile(file);
}

function isLocal(endpoint: string | undefined): boolean {
  try {
    return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint ?? '').hostname);
  } catch {
    return false;
  }
}

/** As they are published now. Each is asked for once, when the first certificate of its kind is met. */
export class PublishedRoots implements TrustedRoots {
  private readonly answers = new Map<Authority, Promise<Verifier>>();

  constructor(
    private readonly sigstore: Authority = SIGSTORE,
    private readonly github: Authority = GITHUB,
  ) {}

  /** A certificate that only says that it is GitHub's is held against GitHub's root, and falls there. */
  verifierFor(issuer: Buffer): Promise<Verifier> {
    const authority = issuer.includes(GITHUB_ISSUER) ? this.github : this.sigstore;
    const answer = this.answers.get(authority) ?? ask(authority);
    this.answers.set(authority, answer);
    return answer;
  }
}

/** From the first root on, whatever an earlier run, or anybody else of this machine, has kept. */
async function ask({ mirror, rootPath, requires }: Authority): Promise<Verifier> {
  // Loaded on demand: it takes a fifth of a second, and a platform on one machine has its root in a file.
  const { getTrustedRoot } = await import('@sigstore/tuf');
  const cachePath = mkdtempSync(join(tmpdir(), 'tenantry-trust-'));
  try {
    const root = await getTrustedRoot({ mirrorURL: mirror, cachePath, ...(rootPath !== undefined && { rootPath }) });
    return new Verifier(toTrustMaterial(root), requires);
  } catch (cause) {
    throw new TrustRootUnreachable(mirror, { cause });
  } finally {
    rmSync(cachePath, { recursive: true, force: true });
  }
}

/** In a file, as https://github.com/sigstore/protobuf-specs has it. */
class RootFile implements TrustedRoots {
  constructor(private readonly file: string) {}

  async verifierFor(): Promise<Verifier> {
    try {
      return new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(readFileSync(this.file, 'utf8')))));
    } catch (cause) {
      throw new ForeignRoot(`${FILE}: ${shownPath(this.file)} is no root of trust: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}
