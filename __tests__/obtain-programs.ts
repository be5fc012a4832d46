import { Progress } from '../local/processes/progress';
import { obtainPrograms } from '../local/programs/programs';
import { certManager } from './operator/cert-manager';
import { obtainInstallations } from './postgresql/installations';
import { obtainPgBouncer } from './postgresql/pgbouncer';

/** What the tests run is built or found before the first of them: minutes on a fresh machine, and nothing on any other. */
export default async function obtainAll(): Promise<void> {
  // Terraform, its providers and the API server are short of processor here, not of memory; half of what they allocate is garbage at once.
  process.env.GOGC ??= '400';
  const progress = new Progress();
  await obtainPrograms(progress);
  await obtainInstallations(progress);
  await obtainPgBouncer(progress);
  if (certManager.exists) return;
  await progress.during(`${certManager.name}: building (minutes, once on this machine)`, () => certManager.obtain());
}
