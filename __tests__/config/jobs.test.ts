import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

/** The good platform, and a service `cleanup` of which this is said on line 10. */
const platform = (cleanup: string) =>
  changed(GOOD_PLATFORM, 'cluster:', `  cleanup: { image: apiserver, ${cleanup} }\ncluster:`);
const files = (cleanup: string, tenant = '') => ({
  'platform.yaml': platform(cleanup),
  'tenants/globex.yaml': `${GOOD_TENANT}${tenant}`,
});
const cleanupOf = (cleanup: string, tenant = '') => {
  const [globex] = load(files(cleanup, tenant)).tenants;
  return globex && tenantSettings(globex).services.find(({ name }) => name === 'cleanup');
};
const NIGHTLY = 'schedule: "0 3 * * *"';

describe('a service with a schedule', () => {
  test('runs at its time, in UTC, for an hour at most, with no pods besides', () => {
    expect(cleanupOf(NIGHTLY)).toMatchObject({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      jobSeconds: 3600,
      port: 0,
      path: '',
      healthPath: '',
      replicas: 0,
      maxReplicas: 0,
    });
  });

  test('runs at another time for one tenant', () => {
    const own = 'services: { cleanup: { schedule: "30 4 * * 0", timeZone: Asia/Tokyo, jobSeconds: 60 } }\n';
    expect(cleanupOf(`${NIGHTLY}, timeZone: Europe/Berlin`, own)).toMatchObject({
      schedule: '30 4 * * 0',
      timeZone: 'Asia/Tokyo',
      jobSeconds: 60,
    });
  });

  test('may be one for one tenant alone', () => {
    expect(cleanupOf('command: [x]', `services: { cleanup: { ${NIGHTLY} } }\n`)).toMatchObject({ replicas: 0 });
    expect(cleanupOf('command: [x]')).toMatchObject({ replicas: 1, schedule: '' });
  });

  test.each([
    ['replicas: 2', 'replicas'],
    ['replicas: { min: 1, max: 3 }', 'replicas'],
    ['migrate: [node, migrate.js]', 'migrate'],
  ])('has no %s', (setting, key) => {
    const column = 42 + setting.length + 2;
    expect(problems(files(`${setting}, ${NIGHTLY}`))).toEqual([
      `platform.yaml:10:${column}: "cleanup" has a schedule, so that it runs at its time alone: leave out its "${key}", or make the job a service of its own with the same "image" (in the tenant "globex")`,
    ]);
  });

  test.each(['replicas: 0', 'migrate: []'])('may say that it has none: %s', (none) => {
    expect(cleanupOf(`${none}, ${NIGHTLY}`)).toMatchObject({ replicas: 0, migrate: [] });
  });

  test('has no port, so that a service with one gets no schedule', () => {
    expect(problems(files('port: 80', `services: { cleanup: { ${NIGHTLY} } }\n`))).toEqual([
      'tenants/globex.yaml:2:34: "cleanup" has a port, and what runs at its time alone has none: leave out this schedule, or make the job a service of its own with the same "image"',
    ]);
  });

  test('is told where the one stands that was said last', () => {
    const own = `services: { cleanup: { ${NIGHTLY} } }\n`;
    expect(problems(files('replicas: 2', own))).toEqual([
      'tenants/globex.yaml:2:34: "cleanup" has a schedule, so that it runs at its time alone: leave out its "replicas", or make the job a service of its own with the same "image"',
    ]);
    expect(problems(files(NIGHTLY, 'services: { cleanup: { replicas: 2 } }\n'))).toEqual([
      'tenants/globex.yaml:2:34: "cleanup" has a schedule, so that it runs at its time alone: leave out its "replicas", or make the job a service of its own with the same "image"',
    ]);
  });

  test('has a name to which Kubernetes can add the time of a run', () => {
    const named = (length: number) => ({
      'platform.yaml': platform(NIGHTLY).replace('cleanup', 'c'.repeat(length)),
    });
    expect(load(named(52)).tenants).toHaveLength(1);
    expect(problems(named(53))).toEqual([
      `platform.yaml:10:88: "${'c'.repeat(53)}" has a schedule, so its name may have at most 52 characters (in the tenant "globex")`,
    ]);
  });

  test('counts as something that its ring runs', () => {
    const only = GOOD_PLATFORM.replace(
      / {2}web-client.*\n {2}apiserver.*\n/,
      `  job: { github: acme/job, ${NIGHTLY} }\n`,
    );
    const rings = only.replace('{ name: general, unproven: allow }', 'general');
    const tenants = {
      'tenants/globex.yaml': `${GOOD_TENANT}ring: canary\n`,
      'tenants/initech.yaml': 'host: initech.example.com\nring: general\n',
    };
    expect(load({ 'platform.yaml': rings, ...tenants }).tenants).toHaveLength(2);
  });
});

describe('settings of jobs', () => {
  test.each([
    ['timeZone: Europe/Berlin', '"cleanup" has a "timeZone" and no "schedule" that it would be of'],
    ['jobSeconds: 60', '"cleanup" has "jobSeconds", and neither a "schedule" nor a "migrate" that may take so long'],
  ])('are refused where there is no job: %s', (setting, why) => {
    const key = setting.indexOf(' ') + 1;
    expect(problems(files(setting))).toEqual([`platform.yaml:10:${32 + key}: ${why} (in the tenant "globex")`]);
    expect(problems(files('command: [x]', `services: { cleanup: { ${setting} } }\n`))).toEqual([
      `tenants/globex.yaml:2:${24 + key}: ${why}`,
    ]);
  });

  test('may be about the migration alone', () => {
    expect(cleanupOf('jobSeconds: 60, migrate: [x]')).toMatchObject({ jobSeconds: 60, schedule: '' });
  });

  test.each(['0', '-1', '86401', '1.5', 'an hour'])('take no %s seconds', (seconds) => {
    const [problem, ...others] = problems(files(`${NIGHTLY}, jobSeconds: ${seconds}`));
    expect(problem).toMatch(/^platform\.yaml:10:67: services\.cleanup\.jobSeconds must be /);
    expect(others).toEqual([]);
  });
});

const FORM =
  'must be minute, hour, day of the month, month and day of the week (0 is Sunday), in numbers: "0 3 * * *" is every night at three';

describe('a schedule', () => {
  test.each(['* * * * *', '*/15 * * * *', '0 0,12 * * *', '0 9-17 * * 1-5', '0 9-17/2 1,15 */3 0', '59 23 31 12 6'])(
    'may be %s',
    (schedule) => {
      expect(cleanupOf(`schedule: "${schedule}"`)).toMatchObject({ schedule });
    },
  );

  test.each([
    ['0 3 * *', 'a field less'],
    ['0 0 3 * * *', 'seconds'],
    ['@daily', 'a word'],
    ['0 3 * * MON', 'the name of a day'],
    ['60 3 * * *', 'minute 60'],
    ['0 24 * * *', 'hour 24'],
    ['0 3 0 * *', 'day 0'],
    ['0 3 32 * *', 'day 32'],
    ['0 3 * 13 *', 'month 13'],
    ['0 3 * * 7', 'Sunday as 7'],
    ['*/0 * * * *', 'every 0 minutes'],
    ['0  3 * * *', 'two spaces'],
    ['0 3 * * * ', 'a space at its end'],
    ['CRON_TZ=UTC 0 3 * * *', 'a time zone'],
    ['', 'nothing'],
  ])('is not %j: %s', (schedule) => {
    expect(problems(files(`schedule: "${schedule}"`))).toEqual([
      `platform.yaml:10:42: services.cleanup.schedule ${FORM}`,
    ]);
  });

  test.each(['0 3 * * 5-1', '50-10 * * * *', '0 3 * * 1-5,6-0'])('has no range from behind: %s', (schedule) => {
    expect(problems(files(`schedule: "${schedule}"`))).toEqual([
      'platform.yaml:10:42: services.cleanup.schedule must name the beginning of a range before its end: 1-5, not 5-1',
    ]);
  });

  test.each(['*/90 * * * *', '0 */24 * * *', '0 3 1 1-12/13 *', '0 3 * * 0-6/7'])(
    'has no step beyond what it divides: %s',
    (schedule) => {
      expect(problems(files(`schedule: "${schedule}"`))).toEqual([
        'platform.yaml:10:42: services.cleanup.schedule has a step that is longer than what it divides: "*/90" of the minutes is every hour, not every 90 minutes',
      ]);
    },
  );

  test.each(['0 3 31 2 *', '0 3 30-31 2 *', '0 3 31 4,6,9-11/2 *', '0 3 31 2/9 *'])(
    'comes at some time, and %s does not',
    (schedule) => {
      expect(problems(files(`schedule: "${schedule}"`))).toEqual([
        'platform.yaml:10:42: services.cleanup.schedule never comes: no month that it names has such a day',
      ]);
    },
  );

  test.each(['0 3 29 2 *', '0 3 31 2 1', '0 3 31 */2 *', '0 3 31 2,3 *', '*/59 */23 */31 */12 */6'])(
    'comes: %s',
    (schedule) => {
      expect(load(files(`schedule: "${schedule}"`)).tenants).toHaveLength(1);
    },
  );

  test.each(['3', '[0, 3]', 'null', '{ hour: 3 }'])('is text, and not %s', (schedule) => {
    expect(problems(files(`schedule: ${schedule}`))).toEqual([
      'platform.yaml:10:42: services.cleanup.schedule must be a schedule, such as "0 3 * * *"',
    ]);
  });
});

describe('a time zone', () => {
  test.each(['Etc/UTC', 'UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta', 'Etc/GMT+1'])(
    'may be %s',
    (timeZone) => {
      expect(cleanupOf(`${NIGHTLY}, timeZone: ${timeZone}`)).toMatchObject({ timeZone });
    },
  );

  test.each(['Mars/Olympus', 'Europe/Atlantis', 'EUROPE/BERLIN'])('is not %s, which there is not', (timeZone) => {
    expect(problems(files(`${NIGHTLY}, timeZone: ${timeZone}`))).toEqual([
      'platform.yaml:10:65: services.cleanup.timeZone is no time zone: write it as the IANA database does, such as Europe/Berlin or Etc/UTC',
    ]);
  });

  test.each(['europe/berlin', 'Europe/berlin', '+02:00', 'Europe Berlin', '../etc/passwd', '"Europe/"', '""'])(
    'is no %s, which is no name',
    (timeZone) => {
      expect(problems(files(`${NIGHTLY}, timeZone: ${timeZone}`))).toEqual([
        'platform.yaml:10:65: services.cleanup.timeZone must be the name of a time zone, such as Europe/Berlin or Etc/UTC',
      ]);
    },
  );
});
