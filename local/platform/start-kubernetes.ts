import { ClusterApi } from '../parts/cluster-api';
import { etcd } from '../parts/etcd';
import { FAKE_NODE } from '../parts/fake-node';
import { gateway } from '../parts/gateway';
import { IDENTITY_NAMES, randomTokens } from '../parts/identity';
import { certificateAuthority, kubeApiserver } from '../parts/kube-apiserver';
import { kubeControllerManager } from '../parts/kube-controller-manager';
import { kubeScheduler } from '../parts/kube-scheduler';
import { type ClusterAccess, kubeconfig } from '../parts/kubeconfig';
import { kwok } from '../parts/kwok';
import type { Part } from '../parts/part';
import type { Programs } from '../programs/programs';
import type { Layout } from './layout';
import type { RunningParts } from './running-parts';
import { writePrivate } from './write-private';

export interface Kubernetes {
  readonly endpoint: string;
  /** As an administrator. */
  readonly api: ClusterApi;
  /** A file with the operator's identity alone. */
  readonly operatorKubeconfig: string;
  /** Where the hosts of its Ingresses answer. */
  readonly gateway: string;
}

/** A cluster that has all but containers: what is deployed is scheduled, becomes ready, and goes away again. */
export async function startKubernetes(parts: RunningParts, layout: Layout, programs: Programs): Promise<Kubernetes> {
  const access = await startApi(parts, layout, programs);
  const api = new ClusterApi(access.server, access.ca, access.tokens.admin);
  writePrivate(layout.kubeconfig(), kubeconfig(access, 'deployer', IDENTITY_NAMES));
  const operatorKubeconfig = layout.data('operator.kubeconfig');
  writePrivate(operatorKubeconfig, kubeconfig(access, 'operator'));
  const admin = layout.adminKubeconfig();
  writePrivate(admin, kubeconfig(access, 'admin'));

  const start = async (making: Promise<Part>) => {
    const part = await making;
    await parts.start(part);
    return part.endpoint;
  };
  const [gatewayEndpoint] = await Promise.all([
    start(gateway(admin)),
    start(kubeControllerManager(programs.kubeControllerManager, layout.data('kube-controller-manager'), admin)),
    start(kubeScheduler(programs.kubeScheduler, layout.data('kube-scheduler'), admin)),
    start(kwok(programs.kwok, layout.data('kwok'), admin)),
    api.create('/api/v1/nodes', FAKE_NODE),
  ]);
  return { endpoint: access.server, api, operatorKubeconfig, gateway: gatewayEndpoint };
}

async function startApi(parts: RunningParts, layout: Layout, programs: Programs): Promise<ClusterAccess> {
  const tokens = randomTokens();
  const store = await etcd(programs.etcd, layout.data('etcd'));
  await parts.start(store);
  const data = layout.data('kube-apiserver');
  const server = await kubeApiserver(programs.kubeApiserver, data, store.endpoint, tokens);
  await parts.start(server);
  return { server: server.endpoint, ca: certificateAuthority(data), tokens };
}
