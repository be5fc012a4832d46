import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { table } from '../cli/table';
import type { KubernetesObject } from '../lib/fleet/kubernetes-object';
import { readOperatorManifests } from '../lib/stacks/operator-manifests';
import { down, up } from '../local/platform/platform';
import { Progress } from '../local/processes/progress';
import { BenchCluster } from './bench-cluster';
import { benchTenant, untilReady } from './bench-tenant';
import { operatorStart, operatorUsage } from './operator-usage';

const OPERATOR = '/apis/apps/v1/namespaces/tenantry-system/deployments/tenantry-operator';
const NAMESPACE = '/namespaces/tenant-first';
/** All that a tenant consists of, in the order in which it is made. */
const PARTS = [
  '/apis/tenantry.dev/v1/tenants/first',
  `/api/v1${NAMESPACE}`,
  `/apis/rbac.authorization.k8s.io/v1${NAMESPACE}/rolebindings`,
  `/apis/networking.k8s.io/v1${NAMESPACE}/networkpolicies`,
  `/api/v1${NAMESPACE}/secrets`,
  `/api/v1${NAMESPACE}/serviceaccounts`,
  `/api/v1${NAMESPACE}/services`,
  `/apis/apps/v1${NAMESPACE}/deployments`,
  `/apis/networking.k8s.io/v1${NAMESPACE}/ingresses`,
];
/** Who would make pods of the copies. Nothing here is about pods, and 15,000 of them take hours. */
const MAKERS_OF_PODS = ['kube-controller-manager', 'kube-scheduler', 'kwok'];
const AT_ONCE = 16;
const quiet = new Progress({ write: () => undefined });

/** How soon an operator that starts beside many tenants looks at the first, whether it answers meanwhile, and what memory it needs for them. */
export async function benchOperatorStart(sizes: readonly number[]): Promise<void> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-bench-')));
  // A platform runs the operator of its own checkout.
  symlinkSync(join(__dirname, '../operator'), join(directory, 'operator'));
  const options = { directory, account: '123456789012', region: 'eu-central-1', attached: true, progress: quiet };
  const record = await up(options);
  try {
    const cluster = new BenchCluster(record.kubernetes.kubeconfig);
    for (const object of readOperatorManifests(join(__dirname, '../operator/deploy'))) await cluster.create(object);
    await cluster.create(benchTenant('first', 0));
    await untilReady(record, 1);
    const stopped = record.parts.filter(({ name }) => MAKERS_OF_PODS.includes(name));
    for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
    await cluster.merge(OPERATOR, { spec: { replicas: 0 } });
    await answersNoMore(record.operator.metrics);
    const first = await partsOf(cluster);
    const rows: string[][] = [];
    let made = 1;
    for (const size of sizes) {
      await copy(cluster, first, made, size);
      made = size;
      await cluster.merge(OPERATOR, { spec: { replicas: 1 } });
      const { seconds, memory, slowest } = await started(record.operator, size);
      rows.push([`${size} tenants`, `${seconds.toFixed(1)} s`, `${slowest.toFixed(2)} s`, `${memory.toFixed(0)} MiB`]);
      await cluster.merge(OPERATOR, { spec: { replicas: 0 } });
      await answersNoMore(record.operator.metrics);
    }
    console.log('An operator that starts beside tenants with three services each.\n');
    console.log(table(['', 'FIRST LOOK AFTER', 'SLOWEST /healthz', 'MEMORY'], rows));
    for (const { pid } of stopped) process.kill(pid, 'SIGCONT');
  } finally {
    await down(directory, quiet);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** All objects of the first tenant, without what the API server gave them. */
async function partsOf(cluster: BenchCluster): Promise<KubernetesObject[]> {
  const answers = [];
  for (const path of PARTS) answers.push(await cluster.get(path));
  return answers
    .flatMap((answer) =>
      answer.items
        ? answer.items.map((item: object) => ({
            ...item,
            apiVersion: answer.apiVersion,
            kind: answer.kind.replace(/List$/, ''),
          }))
        : [answer],
    )
    .filter(({ metadata }) => metadata.name !== 'default')
    .map(({ metadata, spec, ...rest }) => {
      const {
        uid: _,
        resourceVersion: __,
        generation: ___,
        creationTimestamp: ____,
        ownerReferences: _____,
        ...own
      } = metadata;
      const { clusterIP: ______, clusterIPs: _______, ...its } = spec ?? {};
      return { ...rest, metadata: own, ...(spec && { spec: its }) };
    });
}

/** Tenants that are as the first one is, as far as the cluster shows it; they have no databases. */
async function copy(
  cluster: BenchCluster,
  first: readonly KubernetesObject[],
  from: number,
  to: number,
): Promise<void> {
  const text = JSON.stringify(first);
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const copyAll = async () => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      const renamed = text
        .replaceAll('tenant-first', `tenant-copy-${number}`)
        .replaceAll('tenant_first', `tenant_copy_${number}`)
        .replaceAll('first.example.com', `copy-${number}.example.com`)
        .replaceAll('"first"', `"copy-${number}"`);
      for (const object of JSON.parse(renamed)) await cluster.copy(object);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, copyAll));
}

/** From the start of its process to its first look; then until it has looked at all. */
async function started({ health, metrics }: { health: string; metrics: string }, size: number) {
  let slowest = 0;
  let seconds: number | undefined;
  for (;;) {
    const before = performance.now();
    const answered = await fetch(health).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) slowest = Math.max(slowest, (performance.now() - before) / 1000);
    const used = answered ? await operatorUsage(metrics) : undefined;
    if (used && used.looks > 0 && seconds === undefined) seconds = Date.now() / 1000 - (await operatorStart(metrics));
    if (used && used.looks >= size) return { seconds: seconds as number, slowest, memory: used.memory };
    await sleep(50);
  }
}

async function answersNoMore(url: string): Promise<void> {
  while (
    await fetch(url).then(
      () => true,
      () => false,
    )
  )
    await sleep(100);
}
