import type { Platform } from '../../config/platform';
import { withoutIds } from '../../config/without-ids';
import { visibleUpTo } from '../../text/harmless';
import { commitOf, type PinnedImage } from '../pinned-image';
import { OPERATOR } from '../request';
import type { AttestedBuild } from './attested-build';

const GITHUB = 'https://github.com';
const ISSUER = 'https://token.actions.githubusercontent.com';
export const WORKFLOW = '.github/workflows/publish-image.yml';

/** Longer than any repository or branch that is meant well. */
const SHOWN = 160;

/** Whether the platform file wants the provenance of a service's images to be proved. */
export function wantsProof(service: string, { operator, services }: Platform): boolean {
  const settings = service === OPERATOR ? operator : services.find(({ name }) => name === service);
  return settings?.provenance === 'required';
}

/** Where every image comes from, as GitHub calls it in tokens and certificates: the workflow of this program's repository, as its default branch has it. */
export function publishingWorkflow({ branch, github }: Platform): string {
  return `${withoutIds(github)}/${WORKFLOW}@refs/heads/${branch}`;
}

/** The GitHub repository that builds a service, as the platform file has it. */
export function builderOf(service: string, { github, services }: Platform): string {
  return service === OPERATOR ? github : (services.find(({ name }) => name === service)?.github ?? '');
}

/**
 * What of a build does not fit an image that is about to be deployed, in words: what is expected, and what was found. Empty where it is that
 * image's build.
 */
export function misfits(
  { signer, digests, source, ci }: AttestedBuild,
  image: PinnedImage,
  platform: Platform,
): string[] {
  const github = builderOf(image.service, platform);
  const repository = `${GITHUB}/${withoutIds(github)}`;
  const branch = `refs/heads/${platform.branch}`;
  return [
    ...differs('digest', [image.digest], digests.includes(image.digest) ? image.digest : (digests[0] ?? '')),
    ...differs('issuer', [ISSUER], signer.issuer),
    // At no commit: GitHub runs a workflow at any that it knows in the repository, those of forks and unmerged branches too
    // (https://docs.zizmor.sh/audits/#impostor-commit). AWS lets nothing else push either.
    ...differs('publishing workflow', [`${GITHUB}/${publishingWorkflow(platform)}`], signer.workflow),
    ...differs('repository of the run', [repository], signer.repository),
    ...idMisfits(signer, github),
    // Not the branch that was built: under workflow_run a job always runs for the default branch, whose release workflow it is then.
    ...differs('branch of the release workflow', [branch], signer.ref),
    // Of no other event is the CI run in the statement GitHub's choice: a deployment's payload has one too, and that is any workflow's.
    ...differs('event of the release workflow', ['workflow_run'], signer.event),
    ...differs('runner', ['github-hosted'], signer.runner),
    ...differs('repository of the commit', [repository], source.repository),
    ...differs('branch', [...new Set([image.release, platform.branch])], source.branch),
    ...differs('commit', [commitOf(image)], source.commit),
    ...differs('CI', ['push, success'], `${ci.event}, ${ci.conclusion}`),
  ];
}

/** By whom, for a person and for a lock: the workflow, and the commit or branch of it. */
export function shortSigner({ signer }: Pick<AttestedBuild, 'signer'>): string {
  return signer.workflow.replace(`${GITHUB}/`, '');
}

/** Of a repository that was renamed or deleted another may take the name; the ids nobody can take. */
function idMisfits(signer: AttestedBuild['signer'], github: string): string[] {
  const [, owner, repository] = /@([0-9]+)\/.*@([0-9]+)$/.exec(github) ?? [];
  return owner === undefined || repository === undefined
    ? []
    : [
        ...differs('id of the owner', [owner], signer.ownerId),
        ...differs('id of the repository', [repository], signer.repositoryId),
      ];
}

function differs(what: string, expected: readonly string[], found: string): string[] {
  if (expected.includes(found)) return [];
  return [`${what}: expected ${expected.join(' or ')}, found ${visibleUpTo(SHOWN, found) || 'none'}`];
}
