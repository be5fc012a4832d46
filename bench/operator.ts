import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { table } from '../cli/table';
import { readOperatorManifests } from '../lib/stacks/operator-manifests';
import { down, up } from '../local/platform/platform';
import type { PlatformRecord } from '../local/platform/platform-record';
import { restartPart } from '../local/platform/restart-part';
import { Progress } from '../local/processes/progress';
import { BenchCluster } from './bench-cluster';
import { benchTenant, untilReady } from './bench-tenant';
import { type OperatorUsage, operatorUsage } from './operator-usage';

const quiet = new Progress({ write: () => undefined });

/** What the operator costs: tenants made at once, one image of each updated, and looked at with nothing to do; one of them never gets ready. */
export async function benchOperator(sizes: readonly number[]): Promise<void> {
  const rows: string[][] = [];
  for (const size of sizes) {
    for (const [what, seconds, used] of await measure(size)) {
      rows.push([
        `${size} tenants`,
        what,
        `${seconds.toFixed(1)} s`,
        `${((used.cpu / size) * 1000).toFixed(0)} ms`,
        (used.kubernetes / size).toFixed(1),
        (used.sql / size).toFixed(1),
        (used.looks / size).toFixed(1),
        `${used.memory.toFixed(0)} MiB`,
      ]);
    }
  }
  console.log('The operator, with three services a tenant; one tenant more than said is broken for good.\n');
  const head = ['', '', 'WALL', 'CPU / TENANT', 'API CALLS / TENANT', 'SQL / TENANT', 'LOOKS / TENANT', 'MEMORY'];
  console.log(table(head, rows));
}

type Measured = readonly [what: string, seconds: number, used: OperatorUsage];

async function measure(size: number): Promise<Measured[]> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-bench-')));
  // A platform runs the operator of its own checkout.
  symlinkSync(join(__dirname, '../operator'), join(directory, 'operator'));
  const record = await up({
    directory,
    account: '123456789012',
    region: 'eu-central-1',
    attached: true,
    progress: quiet,
  });
  try {
    const cluster = new BenchCluster(record.kubernetes.kubeconfig);
    for (const object of readOperatorManifests(join(__dirname, '../operator/deploy'))) await cluster.create(object);
    await operatorUsage(record.operator.metrics);
    await cluster.create(benchTenant('first', 0));
    await untilReady(record, 1);
    const names = Array.from({ length: size }, (_, index) => `tenant-${index}`);
    return [
      await timed(record, 'made', async () => {
        await cluster.create({ ...benchTenant('broken', 0, 'tenant_first') });
        await Promise.all(names.map((name) => cluster.create(benchTenant(name, 1))));
        await untilReady(record, size + 1);
      }),
      await timed(record, 'one image updated', async () => {
        await Promise.all(names.map((name) => cluster.change(name, benchTenant(name, 2).spec)));
        await untilReady(record, size + 1);
      }),
      await lookedAt(record, directory, size),
    ];
  } finally {
    await down(directory, quiet);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A new operator looks at every tenant once. */
async function lookedAt(record: PlatformRecord, directory: string, size: number): Promise<Measured> {
  const started = performance.now();
  await restartPart(directory, 'operator', quiet);
  let used = await operatorUsage(record.operator.metrics);
  for (; used.looks < size + 2; used = await operatorUsage(record.operator.metrics)) await sleep(100);
  return ['looked at, nothing to do', (performance.now() - started) / 1000, used];
}

async function timed({ operator }: PlatformRecord, what: string, work: () => Promise<void>): Promise<Measured> {
  const before = await operatorUsage(operator.metrics);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const after = await operatorUsage(operator.metrics);
  return [
    what,
    seconds,
    {
      cpu: after.cpu - before.cpu,
      memory: after.memory,
      kubernetes: after.kubernetes - before.kubernetes,
      sql: after.sql - before.sql,
      looks: after.looks - before.looks,
    },
  ];
}
