import { Progress } from '../local/processes/progress';
import { obtainPrograms } from '../local/programs/programs';

/** What the local platform is made of is built or found before the first test: minutes on a fresh machine, and nothing on any other. */
export default async function obtainAll(): Promise<void> {
  await obtainPrograms(new Progress());
}
