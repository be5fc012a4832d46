import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleToJSON, toDSSEBundle } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { BUILD_TYPE, PREDICATE_TYPE } from '../lib/images/provenance/attested-build';

/** What an authority signs for a job of GitHub Actions. All of it is the caller's to choose: nothing is true here. */
export interface Attestation {
  readonly digest: string;
  readonly builds: {
    readonly repository: string;
    readonly branch: string;
    readonly commit: string;
    readonly event?: string;
    readonly conclusion?: string;
  };
  /** By whom: `https://github.com/<owner>/<name>/<path>@<ref>`. */
  readonly workflow: string;
  /** Repository that the job runs for, and the ref. */
  readonly repository: string;
  readonly ref: string;
  /** Further extensions of the certificate, or others in place of the usual ones, by their last number under 1.3.6.1.4.1.57264.1. */
  readonly extensions?: Readonly<Record<number, string>>;
  readonly predicateType?: string;
  /** Default: as publish-image writes it. */
  readonly predicate?: unknown;
  /** When it is signed, and when the log notes it. Default: now. */
  readonly signedAt?: Date;
  readonly loggedAt?: Date;
}

const FULCIO = '1.3.6.1.4.1.57264.1';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const KEYS = ['authority', 'certificates', 'log'] as const;

type Keys = Readonly<Record<(typeof KEYS)[number], { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>>;

/**
 * Signs as Sigstore does for GitHub Actions, by its own mock: an authority whose certificates last ten minutes and stand in a log, and a log
 * of signatures. Its keys and its root of trust lie in one folder.
 */
export class LocalAuthority {
  private readonly keys: Keys;

  /** Makes keys where there are none yet. */
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.keys = Object.fromEntries(KEYS.map((name) => [name, this.key(name)])) as unknown as Keys;
  }

  /** The file with the root of trust by which it is believed. */
  async trustedRoot(): Promise<string> {
    const file = trustedRootIn(this.folder);
    if (existsSync(file)) return file;
    const { ca, certificates, log } = await this.services();
    const validFor = { start: new Date(Date.now() - 86_400_000).toISOString() };
    const transparency = (publicKey: Buffer, baseUrl: string) => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: publicKey.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
      logId: { keyId: createHash('sha256').update(publicKey).digest('base64') },
    });
    const root = TrustedRoot.fromJSON({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [transparency(log.publicKey, LOG)],
      certificateAuthorities: [
        {
          subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
          uri: 'https://fulcio.local',
          certChain: { certificates: [{ rawBytes: bytes(ca.rootCertificate).toString('base64') }] },
          validFor,
        },
      ],
      ctlogs: [transparency(certificates.publicKey, 'https://ct.local')],
      timestampAuthorities: [],
    });
    writeFileSync(file, JSON.stringify(TrustedRoot.toJSON(root), null, 2));
    return file;
  }

  /** A bundle, as JSON. */
  async attest(attestation: Attestation): Promise<string> {
    await this.trustedRoot();
    const { signedAt, loggedAt, extensions = {} } = attestation;
    const { ca, log } = await this.services(signedAt, loggedAt);
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const values: Readonly<Record<number, string>> = {
      8: 'https://token.actions.githubusercontent.com',
      9: attestation.workflow,
      11: 'github-hosted',
      12: attestation.repository,
      14: attestation.ref,
      20: 'workflow_run',
      21: `${attestation.repository}/actions/runs/1/attempts/1`,
      ...extensions,
    };
    const certificate = await ca.issueCertificate({
      publicKey: publicKey.export({ format: 'der', type: 'spki' }),
      subjectAltName: attestation.workflow,
      extensions: Object.entries(values).map(([number, value]) => ({ oid: `${FULCIO}.${number}`, value })),
    });
    const artifact = Buffer.from(JSON.stringify(statementOf(attestation)));
    const signature = sign('sha256', dsse.preAuthEncoding(PAYLOAD_TYPE, artifact), privateKey);
    const bundle = toDSSEBundle({
      artifact,
      artifactType: PAYLOAD_TYPE,
      signature,
      certificate: bytes(certificate),
      certificateChain: false,
    });
    const [entry] = Object.values(await log.log(dsseEntry(artifact, signature, bytes(certificate))));
    const { verificationMaterial, ...rest } = bundleToJSON(bundle);
    const tlogEntries = [logged(entry as LogEntry)];
    return JSON.stringify({ ...rest, verificationMaterial: { ...verificationMaterial, tlogEntries } });
  }

  private async services(signedAt?: Date, loggedAt = signedAt) {
    const certificates = await initializeCTLog(this.keys.certificates, signedAt);
    return {
      certificates,
      ca: await initializeCA(this.keys.authority, certificates, signedAt),
      log: await initializeTLog(LOG, this.keys.log, loggedAt),
    };
  }

  private key(name: string) {
    const file = join(this.folder, `${name}.pem`);
    if (!existsSync(file)) {
      const namedCurve = name === 'authority' ? 'P-384' : 'P-256';
      const { privateKey } = generateKeyPairSync('ec', { namedCurve });
      writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    }
    const privateKey = createPrivateKey(readFileSync(file));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  }
}

/** Where the root of trust lies of the authority whose folder that is, once it has signed. */
export function trustedRootIn(folder: string): string {
  return join(folder, 'trusted-root.json');
}

const LOG = 'https://rekor.local';

/** As publish-image writes it. */
function statementOf({ predicate, predicateType = PREDICATE_TYPE, ...attestation }: Attestation) {
  const { digest, builds, workflow, repository } = attestation;
  const { event = 'push', conclusion = 'success', branch, commit } = builds;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'image', digest: { sha256: digest.replace('sha256:', '') } }],
    predicateType,
    predicate: predicate ?? {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { ci: { event, conclusion } },
        resolvedDependencies: [{ uri: `git+${builds.repository}@refs/heads/${branch}`, digest: { gitCommit: commit } }],
      },
      runDetails: {
        builder: { id: workflow },
        metadata: { invocationId: `${repository}/actions/runs/1/attempts/1` },
      },
    },
  };
}

/** https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/dsse_v0_0_1_schema.json */
function dsseEntry(payload: Buffer, signature: Buffer, certificate: Buffer) {
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;
  const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: { algorithm: 'sha256', value: hash(payload) },
      signatures: [{ signature: signature.toString('base64'), verifier: Buffer.from(pem).toString('base64') }],
    },
  };
}

/** As the log answers: https://github.com/sigstore/rekor/blob/main/openapi.yaml */
interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
      readonly checkpoint: string;
    };
    readonly signedEntryTimestamp: string;
  };
}

/** The same as a bundle has it. */
function logged({ body, integratedTime, logID, logIndex, verification }: LogEntry) {
  const { inclusionProof: proof, signedEntryTimestamp } = verification;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
      treeSize: String(proof.treeSize),
      hashes: [],
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: body,
  };
}

function bytes(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
