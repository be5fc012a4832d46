import { LONGEST_JOB_NAME } from '../tenant/names';
import { type MergedService, mergedServices, onceEach } from './layers';
import type { Problem } from './problem';
import type { Check } from './sources';

/** What only a service with a schedule has, and what such a service has not, once all that is said of it is merged. */
export const jobsFit: Check = (platform, tenants) =>
  onceEach(
    tenants.flatMap((tenant) => mergedServices(platform, tenant).flatMap((one) => [...alone(one), ...inVain(one)])),
  );

const APART = 'make the job a service of its own with the same "image"';

function alone({ name, settings, hasPort, problem, saidLast }: MergedService): Problem[] {
  if (settings.schedule === undefined) return [];
  const { replicas = 0, migrate = [] } = settings;
  const others = [...(replicas === 0 ? [] : ['replicas']), ...(migrate.length === 0 ? [] : ['migrate'])];
  return [
    ...(hasPort
      ? [
          problem(
            ['schedule'],
            `"${name}" has a port, and what runs at its time alone has none: leave out this schedule, or ${APART}`,
          ),
        ]
      : []),
    ...others.map((key) =>
      problem(
        [saidLast('schedule', key)],
        `"${name}" has a schedule, so that it runs at its time alone: leave out its "${key}", or ${APART}`,
      ),
    ),
    ...(name.length > LONGEST_JOB_NAME
      ? [problem(['schedule'], `"${name}" has a schedule, so its name may have at most ${LONGEST_JOB_NAME} characters`)]
      : []),
  ];
}

function inVain({ name, settings, problem }: MergedService): Problem[] {
  const { schedule, migrate, timeZone, jobSeconds } = settings;
  return [
    ...(timeZone !== undefined && schedule === undefined
      ? [problem(['timeZone'], `"${name}" has a "timeZone" and no "schedule" that it would be of`)]
      : []),
    ...(jobSeconds !== undefined && schedule === undefined && migrate === undefined
      ? [
          problem(
            ['jobSeconds'],
            `"${name}" has "jobSeconds", and neither a "schedule" nor a "migrate" that may take so long`,
          ),
        ]
      : []),
  ];
}
