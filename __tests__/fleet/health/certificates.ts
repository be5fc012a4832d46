import { generate } from 'selfsigned';

const DAY = 24 * 60 * 60 * 1000;

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Wanted {
  readonly host: string;
  /** Days from now at which it begins and ends. */
  readonly from?: number;
  readonly to?: number;
  /** Who signs it. Default: it itself. */
  readonly by?: Certificate;
}

/** A certificate of a host, made on the spot. */
export async function certificate({ host, from = -1, to = 1, by }: Wanted): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from * DAY),
    notAfterDate: new Date(Date.now() + to * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
    ...(by && { ca: by }),
  });
  return { cert, key };
}

/** A certificate authority that nobody trusts but who is told to. */
export async function authority(name = 'an authority'): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return { cert, key };
}
