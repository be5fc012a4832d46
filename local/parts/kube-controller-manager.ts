import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port';
import { answers } from './http';
import type { Part } from './part';

/**
 * What a tenant needs: its Deployments roll out, its Jobs run, at their times too, its Services find their pods, and what is deleted goes away
 * with all that it owns. The last one checks the types in admission policies.
 */
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'job-controller',
  'cronjob-controller',
  'endpointslice-controller',
  'serviceaccount-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'disruption-controller',
  'horizontal-pod-autoscaler-controller',
  // Without it no quota has a status, and the API server refuses every pod under one.
  'resourcequota-controller',
  'validatingadmissionpolicy-status-controller',
];

export async function kubeControllerManager(program: string, data: string, kubeconfig: string): Promise<Part> {
  const port = await freePort();
  const endpoint = `https://127.0.0.1:${port}`;
  const certificate = join(data, 'kube-controller-manager.crt');
  mkdirSync(data, { recursive: true });
  return {
    name: 'kube-controller-manager',
    endpoint,
    argv: [
      program,
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      // Where it puts the certificate that it makes for itself.
      `--cert-dir=${data}`,
      // Nobody else asks this API server for much.
      '--kube-api-qps=1000',
      '--kube-api-burst=2000',
    ],
    isReady: async () =>
      existsSync(certificate) && answers(`${endpoint}/healthz`, { ca: readFileSync(certificate, 'utf8') }),
  };
}
