/** What TENANTRY_GRACE must stay below: after as many minutes the schedule deploys an image that no dispatch announced, and it is never older. */
export const SCHEDULE_MINUTES = 30;

/** The minutes in TENANTRY_GRACE; undefined where it is no whole number of them. */
export function graceMinutes(text: string): number | undefined {
  return /^[0-9]{1,5}$/.test(text) ? Number(text) : undefined;
}
