import { benchOperator } from './operator';
import { benchOperatorStart } from './operator-start';
import { benchSynth } from './synth';

interface Bench {
  readonly run: (sizes: readonly number[]) => Promise<void>;
  /** Numbers of tenants. */
  readonly sizes: readonly number[];
}

const BENCHES: Readonly<Record<string, Bench>> = {
  synth: { run: benchSynth, sizes: [10, 100, 1000] },
  operator: { run: benchOperator, sizes: [10, 100, 1000] },
  start: { run: benchOperatorStart, sizes: [1000, 5000] },
};

/** `npm run bench`, one of them: `npm run bench operator`, or one with fewer or more tenants: `npm run bench operator 10 50`. */
async function main([name, ...sizes]: readonly string[]): Promise<void> {
  const bench = name === undefined ? undefined : BENCHES[name];
  if ((name !== undefined && !bench) || !sizes.every((size) => Number(size) > 0))
    throw new Error(
      `say ${Object.keys(BENCHES).join(', ')}, or nothing; and after it, if you like, numbers of tenants`,
    );
  for (const one of bench ? [bench] : Object.values(BENCHES))
    await one.run(sizes.length > 0 ? sizes.map(Number) : one.sizes);
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
