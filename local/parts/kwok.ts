import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from './free-port';
import { answers } from './http';
import type { Part } from './part';
import { POD_STAGES } from './pod-stages';

/** Plays the kubelet of every Node: says of a pod that is scheduled there that it runs, and runs nothing. */
export async function kwok(program: string, data: string, kubeconfig: string): Promise<Part> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  mkdirSync(data, { recursive: true });
  const stages = join(data, 'stages.yaml');
  writeFileSync(stages, POD_STAGES.map((stage) => stringify(stage)).join('---\n'));
  return {
    name: 'kwok',
    endpoint,
    argv: [
      program,
      `--kubeconfig=${kubeconfig}`,
      `--config=${stages}`,
      '--manage-all-nodes=true',
      // Addresses for more pods than anybody will start here.
      '--cidr=10.244.0.0/16',
      // Nobody looks at a node's lease.
      '--node-lease-duration-seconds=0',
      `--server-address=127.0.0.1:${port}`,
    ],
    // It reads its settings from the home folder.
    env: { HOME: data },
    isReady: () => answers(`${endpoint}/healthz`),
  };
}
