import type { CommitSearch } from '../../lib/fleet/commit-search';
import { FROZEN_NOTICE } from '../../lib/images/frozen-notice';
import { plainText } from '../../lib/text/harmless';
import { ago } from './age';
import { eachTable, groupedTable } from './fleet-table';
import type { FleetTextOptions } from './fleet-text';
import { wrapped } from './wrapped';

/** Where a commit runs, for people. */
export function commitText(
  digits: string,
  { fleet, found, waiting }: CommitSearch,
  { each }: FleetTextOptions,
): string {
  const now = new Date(fleet.at);
  const frozen = fleet.frozen === undefined ? [] : wrapped(`${FROZEN_NOTICE}. Its lock is ${plainText(fleet.frozen)}.`);
  if (found.length > 0) {
    const lines = found.map(({ service, commit, tenants, of, rollingOut }) => {
      const rollouts = rollingOut === 0 ? '' : `; in ${rollingOut} of them a rollout still goes on`;
      return plainText(`${service} ${commit} runs in ${tenants} of ${of} tenants${rollouts}.`);
    });
    return [
      ...frozen,
      ...lines.flatMap((line) => wrapped(line)),
      '',
      (each ? eachTable : groupedTable)(fleet, now),
    ].join('\n');
  }
  const next =
    fleet.frozen === undefined ? 'the next run deploys it' : 'no run deploys it while the platform is frozen';
  const lines = waiting.map(({ service, release, commit, pushedAt }) => {
    const pushed = pushedAt === undefined ? '' : `, pushed ${ago(pushedAt, now)}`;
    return plainText(`ECR has ${commit} as the newest of ${service} ${release}${pushed}: ${next}.`);
  });
  return [...frozen, `No tenant runs ${digits}.`, ...lines.flatMap((line) => wrapped(line))].join('\n');
}
