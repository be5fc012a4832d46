import { setTimeout as sleep } from 'node:timers/promises';

/** What an operator has used since it started. */
export interface OperatorUsage {
  /** Seconds of processor. */
  readonly cpu: number;
  /** MiB that are resident. */
  readonly memory: number;
  /** Requests to the Kubernetes API, without the watches. */
  readonly kubernetes: number;
  /** SQL statements. */
  readonly sql: number;
  /** Times that it looked at a Tenant. */
  readonly looks: number;
}

/** Reads it from the operator's metrics, as soon as they are there. */
export async function operatorUsage(url: string): Promise<OperatorUsage> {
  let text: string | undefined;
  while (text === undefined) {
    text = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text === undefined) await sleep(100);
  }
  const sum = (name: string) =>
    [...(text as string).matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    cpu: sum('process_cpu_seconds_total'),
    memory: sum('process_resident_memory_bytes') / 2 ** 20,
    kubernetes: sum('tenantry_kubernetes_requests_total'),
    sql: sum('tenantry_sql_statements_total'),
    looks: sum('tenantry_reconcile_seconds_count'),
  };
}

/** When its process started, in seconds since 1970. */
export async function operatorStart(url: string): Promise<number> {
  const text = await fetch(url).then((response) => response.text());
  return Number(text.match(/^process_start_time_seconds (\S+)$/m)?.[1]);
}
