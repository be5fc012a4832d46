import type { PlanReport } from './plan-report';

/** What a plan would change for these tenants alone. What it is refused for stays: no part of such a plan is to be deployed. */
export function selected(report: PlanReport, names: readonly string[]): PlanReport {
  const only = <Item extends { readonly tenants: readonly string[] }>(items: readonly Item[]) =>
    items
      .map((item) => ({ ...item, tenants: item.tenants.filter((tenant) => names.includes(tenant)) }))
      .filter(({ tenants }) => tenants.length > 0);
  const changes = report.changes.filter(({ tenant }) => names.includes(tenant));
  const isChange = changes.some(({ what }) => what !== 'left');
  return {
    ...report,
    verdict: report.verdict === 'refused' ? 'refused' : isChange ? 'changes' : 'nothing',
    tenants: report.tenants.filter((tenant) => names.includes(tenant)),
    changes,
    others: [],
    waits: only(report.waits),
    unproven: only(report.unproven),
  };
}
