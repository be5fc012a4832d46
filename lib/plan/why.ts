import type { Configuration } from '../config/load';
import { originsOf } from '../config/origins';
import type { Sources } from '../config/sources';
import type { PlanReport } from './plan-report';

/** The report with what the files say beside each setting that changes: which line it comes from. */
export function withWhy(report: PlanReport, { tenants }: Configuration, sources: Sources): PlanReport {
  return {
    ...report,
    changes: report.changes.map((one) => {
      const tenant = tenants.find(({ name }) => name === one.tenant);
      const origins = tenant ? originsOf(tenant, sources) : [];
      const changes = one.changes.map((change) => {
        const isImage = change.kind === 'image';
        if (isImage && change.from?.release === change.to?.release) return change;
        const [field, to = ''] = isImage ? ['release', change.to?.release] : [change.field, change.to];
        const origin = origins.find((other) => other.service === change.service && other.field === field);
        // A plan may be older than the files.
        return origin?.value === to ? { ...change, why: origin.from } : change;
      });
      return { ...one, changes };
    }),
  };
}
