import { whyText } from '../../cli/why/why-text';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { whyOf } from '../../lib/fleet/why';
import type { Evidence } from '../../lib/tenant/status';
import { unhealthyCommit } from '../../local/unhealthy-image';
import { until } from '../until';
import { Lab } from './lab';
import { loginOf } from './login';
import { api, imageOf } from './ringed-tenants';
import { commit, image, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

const CRASHED = 'its container ended with the exit code 1; it is started again and again';
const TEMPLATE = { containers: [{ terminationMessagePolicy: 'FallbackToLogsOnError' }] };

/** What is seen of pods: kwok plays the node, and the test what a kubelet would say. */
describe('what a Tenant says of pods that do not come up', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
  });
  afterAll(() => lab?.remove());

  const evidenceOf = async (tenant: string): Promise<readonly Evidence[]> => {
    const live = (await lab.tenant(tenant)) as unknown as LiveTenant | undefined;
    return live?.status?.services?.flatMap(({ evidence = [] }) => evidence) ?? [];
  };
  /** Seconds to come, so that no Secret was written to since. */
  const moment = (n: number, second: number) =>
    new Date(Date.now() + n * 60_000 + second * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const podsOf = async (tenant: string, sha: string): Promise<Live[]> => {
    const path = `/api/v1/namespaces/tenant-${tenant}/pods?labelSelector=git.sha=${sha}`;
    return (await lab.api.request('GET', path)).body.items;
  };
  const passwordOf = async (tenant: string) => (await loginOf(lab, tenant)).password;
  const lists = async () =>
    (await lab.metric('tenantry_kubernetes_requests_total', { verb: 'list', kind: 'Pod' })) ?? 0;

  /** The pod of a tenant's service as a kubelet writes it whose container ended for the `n`-th time. */
  const crash = async (tenant: string, sha: string, n: number) => {
    const [pod] = await until('its pod is there', async () => {
      const pods = await podsOf(tenant, sha);
      return pods[0]?.status?.podIP && pods;
    });
    const message = `10:00:${n} connecting to postgresql://x:${await passwordOf(tenant)}@db\n10:00:${n} Error: connect ECONNREFUSED\n`;
    const terminated = {
      exitCode: 1,
      reason: 'Error',
      message,
      startedAt: moment(n, 0),
      finishedAt: moment(n, 1),
    };
    const [seen] = pod.status.containerStatuses;
    const waiting = { reason: 'CrashLoopBackOff', message: `back-off ${n}0s restarting failed container` };
    const containerStatuses = [
      { ...seen, restartCount: n, state: { waiting, running: undefined }, lastState: { terminated } },
    ];
    const path = `/api/v1/namespaces/tenant-${tenant}/pods/${pod.metadata.name}`;
    const { status, body } = await lab.api.request('PATCH', `${path}/status`, { status: { containerStatuses } });
    expect({ status, message: body.message }).toMatchObject({ status: 200 });
    return pod;
  };

  test('names how it ended, and its last lines without its password; a restart writes nothing, and a good image ends it', async () => {
    await lab.apply(tenantObject('crashing', { services: [api(1)] }));
    await lab.untilReady('crashing');
    const sha = unhealthyCommit('pods');
    await lab.change('crashing', { services: [api(2, undefined, { commit: sha })] });
    await until('it rolls', async () => (await imageOf(lab, 'crashing')) === image('api', 2));
    const pod = await crash('crashing', sha, 1);
    expect(pod.spec).toMatchObject(TEMPLATE);

    const [found] = await until(
      'its status says why',
      async () => {
        const evidence = await evidenceOf('crashing');
        return evidence.some(({ said = [] }) => said.length > 0) && evidence;
      },
      120,
    );
    expect(found).toMatchObject({
      cause: CRASHED,
      commit: sha,
      said: ['10:00:1 connecting to postgresql://x:***@db', '10:00:1 Error: connect ECONNREFUSED'],
    });
    const tenant = (await lab.tenant('crashing')) as unknown as LiveTenant;
    expect(JSON.stringify(tenant)).not.toContain(await passwordOf('crashing'));
    const text = whyText(whyOf(tenant), new Date());
    expect(text).toContain(`  api ${sha.slice(0, 7)}; ${commit(1).slice(0, 7)} answers meanwhile\n`);
    expect(text).toContain('      | 10:00:1 Error: connect ECONNREFUSED\n');

    const before = await lists();
    await crash('crashing', sha, 2);
    await until('its pods were looked at again', async () => (await lists()) > before, 180);
    expect(await evidenceOf('crashing')).toEqual([found]);

    await lab.change('crashing', { services: [api(3)] });
    await lab.untilReady('crashing');
    expect(await evidenceOf('crashing')).toEqual([]);
  });

  test('names a migration whose last lines are longer than its reason', async () => {
    const migrating = api(1, 'jobs', { migrate: ['node', 'migrate.js'] });
    await lab.apply(tenantObject('migrated', { services: [migrating] }));
    await lab.untilReason('migrated', 'MigrationFailed');
    expect(await evidenceOf('migrated')).toMatchObject([
      {
        cause: 'its container ended with the exit code 1',
        said: ['applying 0007_users_email', 'ERROR: relation "users" does not exist'],
      },
    ]);
  });
});
