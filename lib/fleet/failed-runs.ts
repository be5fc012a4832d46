import { tenantList } from '../config/tenant-list';
import { NAMESPACE_PREFIX } from '../tenant/names';
import { alike } from './alike';
import type { FleetTenant } from './fleet';
import type { FleetRow } from './fleet-row';
import { count, type Notice, type NoticeItem } from './notice';

/** Services with a schedule whose last run failed. Their tenants are ready all the same; nobody else says it. */
export function failedRuns(tenants: readonly FleetTenant[]): Notice {
  const failed = tenants.flatMap(({ rows }) => rows).filter(({ lastRun }) => lastRun?.result === 'Failed');
  const items = alike(failed, ({ service, lastRun }) => `${service} ${lastRun?.scheduledAt}`).map(
    (rows): NoticeItem => {
      const [{ service, tenant, lastRun }] = rows;
      const at = lastRun?.scheduledAt ?? '';
      return {
        subject: `${tenantList(rows.map((row) => row.tenant))}: ${service}`,
        when: { verb: 'due', at },
        text: `look at its logs: kubectl --namespace ${NAMESPACE_PREFIX}${tenant} logs job/${jobName(service, at)}`,
      };
    },
  );
  return { kind: 'failed-runs', title: `${count(failed.length, 'job')} failed in the last run`, items };
}

/** As the CronJob controller names it: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/cronjob/cronjob_controllerv2.go */
export function jobName(service: FleetRow['service'], scheduledAt: string): string {
  return `${service}-${Math.floor(Date.parse(scheduledAt) / 60_000)}`;
}
