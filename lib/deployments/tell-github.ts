import pLimit from 'p-limit';
import { alike } from '../fleet/alike';
import { DeploymentRefused, GitHubAway, type GitHubDeployments, RepositoryRefused } from './github-deployments';
import { writeFor } from './present-deployment';
import type { WantedDeployment } from './wanted-deployment';

/** What became of telling GitHub. */
export interface Told {
  /** What GitHub says now, and did not before. */
  readonly written: readonly WantedDeployment[];
  /** What it said already. */
  readonly unchanged: number;
  /** What knows nothing of it, and why: one environment of a repository; without one, the repository, or all that was left of it. */
  readonly refused: readonly { readonly repository: string; readonly environment?: string; readonly message: string }[];
  /** Why the rest was not tried. */
  readonly stopped?: string;
}

/** Repositories at a time: GitHub wants to be asked little at once. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
const CONCURRENCY = 4;

/** Brings GitHub to say what is wanted, and writes nothing where it does. Never fails: what could not be written, the next run writes. */
export async function tellGitHub(wanted: readonly WantedDeployment[], github: GitHubDeployments): Promise<Told> {
  const written: WantedDeployment[] = [];
  const refused: Told['refused'][number][] = [];
  let unchanged = 0;
  let stopped: string | undefined;

  const tell = async (one: WantedDeployment) => {
    const present = await github.newest(one);
    const write = writeFor(one, present);
    if (!write) {
      // A ring that never had a tenant is nothing to tell of.
      if (present) unchanged++;
      return;
    }
    const id = write.kind === 'deployment' ? await github.create(one, write) : write.id;
    if (one.state === 'inactive') {
      // What ran before a commit that never got well is active as ever. The newest is the last: at it the next run sees that this one was cut.
      for (const former of await github.activeBefore(id, one)) await github.say(one, former);
    }
    await github.say(one, id);
    written.push(one);
  };
  /** Whether the others of its repository are worth trying. */
  const tried = async (one: WantedDeployment): Promise<boolean> => {
    const { repository, environment } = one;
    try {
      await tell(one);
      return true;
    } catch (error) {
      if (error instanceof DeploymentRefused) refused.push({ repository, environment, message: error.message });
      else if (error instanceof RepositoryRefused) refused.push({ repository, message: error.message });
      else if (error instanceof GitHubAway) stopped ??= error.message;
      else throw error;
      return error instanceof DeploymentRefused;
    }
  };
  const limit = pLimit(CONCURRENCY);
  const repositories = alike(wanted, ({ repository }) => repository);
  const tellAll = async (deployments: readonly WantedDeployment[]) => {
    for (const one of deployments) {
      if (stopped !== undefined || !(await tried(one))) return;
    }
  };
  await Promise.all(repositories.map((same) => limit(() => tellAll(same))));
  return { written, unchanged, refused, ...(stopped !== undefined && { stopped }) };
}
