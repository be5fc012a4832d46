import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { table } from '../cli/table';
import { countingEcr } from './counting-ecr';
import { liveTenants } from './live-tenants';
import { measuredProcess, median, type Usage } from './measured-process';
import { platformOf } from './platform-of';

const RUNS = 5;

/** What a synth asks of ECR, and what it costs beside an empty app and with more tenants, all of which are live. */
export async function benchSynth(sizes: readonly number[]): Promise<void> {
  const ecr = await countingEcr();
  const platforms = await Promise.all(
    sizes.map(async (size) => {
      const file = platformOf(size);
      return { size, file, cluster: await liveTenants(file, size) };
    }),
  );
  const synth = (platform: string) =>
    measuredProcess('main.ts', {
      PLATFORM: platform,
      CDKTF_OUTDIR: join(dirname(platform), 'out'),
      AWS_ENDPOINT_URL_ECR: ecr.endpoint,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
    });
  const empty = () =>
    measuredProcess('bench/empty-app.ts', { CDKTF_OUTDIR: join(dirname(platforms[0]?.file as string), 'empty') });

  // In turn, so that a machine that grows slow meanwhile slows all of them alike.
  const usages = new Map<string, Usage[]>();
  const calls = new Map<string, string[]>();
  for (let run = 0; run < RUNS; run++) {
    add(usages, 'empty app', await empty());
    for (const { size, file } of platforms) {
      add(usages, `${size} tenants`, await synth(file));
      calls.set(`${size} tenants`, ecr.takeCalls());
    }
  }
  ecr.close();
  for (const { file, cluster } of platforms) {
    cluster.close();
    rmSync(dirname(file), { recursive: true });
  }

  const middles = [...usages].map(([what, all]) => ({ what, size: Number.parseInt(what, 10) || 0, ...median(all) }));
  const rows = middles.map(({ what, size, wall, cpu, memory }, index) => {
    const smaller = middles[index - 1];
    const added = smaller && smaller.size > 0 ? ((cpu - smaller.cpu) / (size - smaller.size)) * 1000 : undefined;
    const asked = calls.get(what);
    return [
      what,
      `${wall.toFixed(2)} s`,
      `${cpu.toFixed(2)} s`,
      (cpu / (middles[0]?.cpu as number)).toFixed(2),
      added === undefined ? '' : `${added.toFixed(2)} ms`,
      `${memory.toFixed(0)} MiB`,
      asked ? `${asked.length} (${new Set(asked).size} distinct)` : '',
    ];
  });
  console.log(`A synth, the whole process; the middle of ${RUNS} runs.\n`);
  console.log(table(['SYNTH OF', 'WALL', 'CPU', 'CPU / EMPTY APP', 'CPU / ADDED TENANT', 'MEMORY', 'ECR CALLS'], rows));
}

function add(usages: Map<string, Usage[]>, what: string, usage: Usage): void {
  usages.set(what, [...(usages.get(what) ?? []), usage]);
}
