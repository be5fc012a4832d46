import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port';
import { answers } from './http';
import { type Tokens, tokenAuthFile } from './identity';
import type { Part } from './part';

/** RBAC decides who may do what, as in a real cluster. */
export async function kubeApiserver(program: string, data: string, etcd: string, tokens: Tokens): Promise<Part> {
  const port = await freePort();
  const endpoint = `https://127.0.0.1:${port}`;
  const { publicKey, privateKey } = serviceAccountKeys();
  mkdirSync(data, { recursive: true });
  const secret = (name: string, content: string) => {
    writeFileSync(join(data, name), content, { mode: 0o600 });
    return join(data, name);
  };

  return {
    name: 'kube-apiserver',
    endpoint,
    argv: [
      program,
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      // Where it puts the certificate that it makes for itself.
      `--cert-dir=${data}`,
      `--token-auth-file=${secret('tokens.csv', tokenAuthFile(tokens))}`,
      '--anonymous-auth=false',
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${secret('service-account.pub', publicKey)}`,
      `--service-account-signing-key-file=${secret('service-account.key', privateKey)}`,
      // It would close a new node until a controller, which is not needed for more than that, opens it.
      '--disable-admission-plugins=TaintNodesByCondition',
      '--service-cluster-ip-range=10.96.0.0/12',
      // No endpoint of the service "kubernetes": nothing runs inside, and a loopback address is refused there.
      '--endpoint-reconciler-type=none',
    ],
    isReady: async () =>
      existsSync(certificate(data)) &&
      answers(`${endpoint}/readyz`, { ca: readFileSync(certificate(data), 'utf8'), token: tokens.admin }),
  };
}

/** Its own certificate together with the authority that signed it. There once the server is ready. */
export function certificateAuthority(data: string): string {
  return readFileSync(certificate(data), 'utf8');
}

function certificate(data: string): string {
  return join(data, 'apiserver.crt');
}

function serviceAccountKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}
