import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../processes/run';
import { Artefact } from './artefact';
import { goPlatform } from './go-platform';
import type { Python } from './python';

/** With moto in it: the local ECR and S3. */
export function motoEnvironment(python: Python): Artefact {
  return pythonEnvironment('moto', join(__dirname, '../requirements.txt'), python);
}

/** With all that the operator imports. The operator itself is run from the checkout. */
export function operatorEnvironment(python: Python): Artefact {
  return pythonEnvironment('kopf', join(__dirname, '../../operator/requirements.txt'), python);
}

/** A Python environment with what a requirements file pins, called after the package that it is about. */
export function pythonEnvironment(about: string, requirementsFile: string, { version, executable }: Python): Artefact {
  const requirements = readFileSync(requirementsFile, 'utf8');
  return new Artefact(
    `${about}-${pinnedVersion(requirements, about)}`,
    [requirements, version, executable, goPlatform()],
    async (output, scratch) => {
      await run([executable, '-m', 'venv', output]);
      const install = [pythonIn(output), '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
      await run([...install, '--require-hashes', '-r', requirementsFile], { env: { ...process.env, TMPDIR: scratch } });
    },
  );
}

/** Programs of the environment are run as `python -m`: their scripts name the folder that it was made in. */
export function pythonIn(environment: string): string {
  return join(environment, 'bin', 'python');
}

function pinnedVersion(requirements: string, name: string): string {
  return requirements.match(new RegExp(`^${name}==(\\S+)`, 'm'))?.[1] ?? 'unknown';
}
