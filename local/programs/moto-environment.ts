import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../processes/run';
import { Artefact } from './artefact';
import { goPlatform } from './go-platform';
import type { Python } from './python';

const REQUIREMENTS = join(__dirname, '../requirements.txt');

/** A Python environment with moto in it: the local ECR and S3. */
export function motoEnvironment({ version, executable }: Python): Artefact {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const moto = pinnedVersion(requirements, 'moto');
  return new Artefact(`moto-${moto}`, [requirements, version, executable, goPlatform()], async (output, scratch) => {
    await run([executable, '-m', 'venv', output]);
    await run(
      [
        pythonIn(output),
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-input',
        '--require-hashes',
        '-r',
        REQUIREMENTS,
      ],
      { env: { ...process.env, TMPDIR: scratch } },
    );
  });
}

/** Programs of the environment are run as `python -m`: their scripts name the folder that it was made in. */
export function pythonIn(environment: string): string {
  return join(environment, 'bin', 'python');
}

function pinnedVersion(requirements: string, name: string): string {
  return requirements.match(new RegExp(`^${name}==(\\S+)`, 'm'))?.[1] ?? 'unknown';
}
