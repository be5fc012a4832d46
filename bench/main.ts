import { benchOperator } from './operator';
import { benchOperatorStart } from './operator-start';
import { benchSynth } from './synth';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  synth: benchSynth,
  operator: benchOperator,
  start: benchOperatorStart,
};

/** `npm run bench`, or one of them: `npm run bench operator`. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0)
    throw new Error(`there is no ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length === 0 || names.includes(name)) await bench();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
