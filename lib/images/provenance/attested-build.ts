import { bundleFromJSON } from '@sigstore/bundle';
import type { X509Certificate } from '@sigstore/core';
import { toSignedEntity } from '@sigstore/verify';
import { z } from 'zod';
import { plainText } from '../../text/harmless';
import type { TrustedRoots } from './trusted-roots';

/** What an attestation says of an image, and who says so. All of it is signed; whether it may be deployed, is not said by that. */
export interface AttestedBuild {
  /** Whom the certificate is for. */
  readonly signer: Signer;
  /** Digests of what was attested. */
  readonly digests: readonly string[];
  /** What it was built of, as the signer says. */
  readonly source: Source;
  /** The CI run after which it was built, as the signer says. */
  readonly ci: { readonly event: string; readonly conclusion: string };
}

/** A job of GitHub Actions, as GitHub told the authority that signed its certificate. */
export interface Signer {
  readonly issuer: string;
  /** The workflow that signs: `https://github.com/<owner>/<name>/<path>@<ref>`. */
  readonly workflow: string;
  /** The repository for which it ran: `https://github.com/<owner>/<name>`. */
  readonly repository: string;
  readonly repositoryId: string;
  readonly ownerId: string;
  /** The ref for which it ran, from which GitHub took the workflow that called it. */
  readonly ref: string;
  readonly runner: string;
  /** The event that started the run. */
  readonly event: string;
  /** Address of the run. */
  readonly run: string;
}

export interface Source {
  /** `https://github.com/<owner>/<name>`. */
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
}

/** Thrown when a bundle proves nothing. The message is short, and is harmless to show. */
export class WorthlessBundle extends Error {
  override readonly name = 'WorthlessBundle';

  constructor(reason: string, options?: ErrorOptions) {
    super(plainText(reason, 200), options);
  }
}

export const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';
/** What publish-image writes is laid out like this; the address is a name, and answers nothing. */
export const BUILD_TYPE = 'https://tenantry.dev/publish-image/v1';
const STATEMENT_TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const EXTENSIONS = {
  issuer: '1.3.6.1.4.1.57264.1.8',
  runner: '1.3.6.1.4.1.57264.1.11',
  repository: '1.3.6.1.4.1.57264.1.12',
  ref: '1.3.6.1.4.1.57264.1.14',
  repositoryId: '1.3.6.1.4.1.57264.1.15',
  ownerId: '1.3.6.1.4.1.57264.1.17',
  event: '1.3.6.1.4.1.57264.1.20',
  run: '1.3.6.1.4.1.57264.1.21',
} as const;

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, and https://slsa.dev/spec/v1.0/provenance */
const statement = z.object({
  _type: z.enum(STATEMENT_TYPES),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string().max(64) }) })).max(100),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.literal(BUILD_TYPE),
      externalParameters: z.object({ ci: z.object({ event: z.string(), conclusion: z.string() }) }),
      resolvedDependencies: z.tuple([z.object({ uri: z.string(), digest: z.object({ gitCommit: z.string() }) })]),
    }),
  }),
});

const SOURCE = /^git\+(https:\/\/[^/@]+\/[^/@]+\/[^/@]+)@refs\/heads\/(.+)$/;

/**
 * What a bundle proves: that its signature is by the key of a certificate of a trusted authority, which was valid when the bundle was
 * signed, as logs and clocks say that are trusted too.
 *
 * @throws WorthlessBundle when it proves nothing.
 * @throws TrustRootUnreachable when nobody says whom to trust.
 */
export async function attestedBuild(bundleText: string, roots: TrustedRoots): Promise<AttestedBuild> {
  const bundle = parsed(bundleText);
  const entity = understood(() => toSignedEntity(bundle));
  if (entity.key.$case !== 'certificate') throw new WorthlessBundle('it is signed by a key without a certificate');
  // The log's time is signed by its promise alone: https://github.com/sigstore/rekor/blob/main/CLIENT.md. The verifier would take any.
  for (const { integratedTime, inclusionPromise } of entity.tlogEntries) {
    if (integratedTime !== '0' && !inclusionPromise) {
      throw new WorthlessBundle('its entry in the log states a time that nobody signed');
    }
  }
  const { certificate } = entity.key;
  const verifier = await roots.verifierFor(understood(() => certificate.issuer));
  try {
    verifier.verify(entity);
  } catch (cause) {
    throw new WorthlessBundle(`it cannot be trusted: ${(cause as Error).message}`, { cause });
  }
  return { signer: understood(() => signerOf(certificate)), ...understood(() => claims(bundle)) };
}

type Bundle = ReturnType<typeof bundleFromJSON>;

function parsed(text: string): Bundle {
  try {
    return bundleFromJSON(JSON.parse(text));
  } catch (cause) {
    throw new WorthlessBundle(`it is no Sigstore bundle (${(cause as Error).message})`, { cause });
  }
}

function claims(bundle: Bundle): Pick<AttestedBuild, 'digests' | 'source' | 'ci'> {
  const { content } = bundle;
  if (content.$case !== 'dsseEnvelope') throw new WorthlessBundle('it signs no statement');
  const { payload, payloadType } = content.dsseEnvelope;
  if (payloadType !== PAYLOAD_TYPE) throw new WorthlessBundle(`it signs ${payloadType}, and no in-toto statement`);
  const result = statement.safeParse(JSON.parse(payload.toString('utf8')));
  if (!result.success) {
    const [first] = result.error.issues;
    throw new WorthlessBundle(
      `what it signs is no provenance by publish-image (${first?.path.join('.')}: ${first?.message})`,
    );
  }
  const { subject, predicate } = result.data;
  const { externalParameters, resolvedDependencies } = predicate.buildDefinition;
  const [{ uri, digest }] = resolvedDependencies;
  const [, repository, branch] = SOURCE.exec(uri) ?? [];
  if (repository === undefined || branch === undefined) throw new WorthlessBundle(`its source is no branch: ${uri}`);
  return {
    digests: subject.map((one) => `sha256:${one.digest.sha256}`),
    source: { repository, branch, commit: digest.gitCommit },
    ci: externalParameters.ci,
  };
}

function signerOf(certificate: X509Certificate): Signer {
  const extension = (oid: string) => certificate.extension(oid)?.valueObj.subs[0]?.value.toString('utf8') ?? '';
  const { issuer, runner, repository, ref, repositoryId, ownerId, event, run } = EXTENSIONS;
  return {
    issuer: extension(issuer),
    workflow: certificate.subjectAltName ?? '',
    repository: extension(repository),
    repositoryId: extension(repositoryId),
    ownerId: extension(ownerId),
    ref: extension(ref),
    runner: extension(runner),
    event: extension(event),
    run: extension(run),
  };
}

/** What bytes of others can make a parser throw is a fault of theirs. */
function understood<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof WorthlessBundle) throw cause;
    throw new WorthlessBundle(`it cannot be read (${(cause as Error).message})`, { cause });
  }
}
