import type { TenantServiceSpec } from './spec';

/** Whether a service has pods, be it at its time alone. */
export function runsPods({ replicas, schedule = '' }: Pick<TenantServiceSpec, 'replicas' | 'schedule'>): boolean {
  return replicas > 0 || schedule !== '';
}
