import { join, resolve } from 'node:path';
import { freePort } from './free-port';
import { answers } from './http';
import type { Part } from './part';

const PROJECT = resolve(__dirname, '../..');

/** Answers at the tenants' hosts as an ingress controller would. Its program lies in `local/gateway`. */
export async function gateway(kubeconfig: string): Promise<Part> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    name: 'gateway',
    endpoint,
    argv: [process.execPath, '-r', require.resolve('@swc-node/register'), join(PROJECT, 'local/gateway/main.ts')],
    cwd: PROJECT,
    env: { KUBECONFIG: kubeconfig, PORT: String(port) },
    isReady: () => answers(`${endpoint}/healthz`),
  };
}
