import { freePort } from './free-port';
import { answers } from './http';
import type { Part } from './part';

export async function etcd(program: string, data: string): Promise<Part> {
  const client = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  return {
    name: 'etcd',
    endpoint: client,
    argv: [
      program,
      `--data-dir=${data}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // A new platform starts empty, so there is nothing that must survive a loss of power.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    isReady: () => answers(`${client}/health`),
  };
}
