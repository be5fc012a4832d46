import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podsOf } from '../../lib/config/pods';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { GOOD_PLATFORM, GOOD_TENANT, load } from '../config/configuration-files';
import { ScriptedApiServer, send } from '../fleet/scripted-api-server';
import { commitNamed, digestOf } from '../images/local-ecr';
import { until } from '../until';
import { ScriptedEcr } from './scripted-ecr';

const TENANTRY = join(__dirname, '../../cli/tenantry.js');
const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const START = 60_000;

/** Commands as somebody types them, before a cluster and a registry that do what a test says. */
describe('tenantry', () => {
  let cluster: ScriptedApiServer;
  let ecr: ScriptedEcr;
  let root: string;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    cluster = await ScriptedApiServer.start();
    ecr = await ScriptedEcr.start(digestOf('now'), commitNamed('now'));
    root = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-cli-')));
    mkdirSync(join(root, 'tenants'));
    writeFileSync(join(root, 'platform.yaml'), platformFile());
    writeFileSync(join(root, 'tenants/globex.yaml'), `${GOOD_TENANT}ring: canary\n`);
  });
  afterEach(async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill();
      await once(child, 'close');
    }
    cluster.stop();
    ecr.stop();
    rmSync(root, { recursive: true });
  });

  const platformFile = () =>
    GOOD_PLATFORM.replace('  eks: acme-production\n', `  kubeconfig: ${JSON.stringify(cluster.kubeconfig)}\n`);

  /** What an API server has that knows Tenants, and nothing else. */
  const has = (...tenants: readonly LiveTenant[]) => {
    cluster.groups = ['apps', 'tenantry.dev'];
    cluster.onList = (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://server');
      if (pathname === '/apis/tenantry.dev/v1/tenants') {
        send(response, 200, { metadata: { resourceVersion: '1' }, items: tenants });
      } else send(response, 404, { message: 'not found' });
    };
  };

  function tenantry(...args: readonly string[]) {
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_ECR: ecr.endpoint,
      GITHUB_ACTIONS: '',
    };
    child = spawn(process.execPath, [TENANTRY, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const run = { child, output: '', exitCode: undefined as number | null | undefined };
    child.stdout?.on('data', (chunk) => {
      run.output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      run.output += chunk;
    });
    child.on('close', (code) => {
      run.exitCode = code;
    });
    return run;
  }

  async function ended(run: ReturnType<typeof tenantry>) {
    if (run.exitCode === undefined) await once(run.child, 'close');
    return run;
  }

  test(
    'status --watch goes on when the tenant that was asked for is deleted, and says that it is gone',
    async () => {
      has(live('globex'), live('stray'));
      const run = tenantry('status', '--watch', '--tenant', 'stray');
      await until('it watches', () => cluster.watching === 1 && run.output.includes('stray'));
      cluster.tell('DELETED', live('stray'));
      await until('the end is told', () => run.output.includes('stray: gone'));
      cluster.tell('ADDED', live('stray'));
      await until('it comes back', () => /gone[\s\S]*stray: (ready|not ready)/.test(run.output));
      expect(run.exitCode).toBeUndefined();
      expect(run.output).not.toContain('there is no such tenant');
    },
    6 * START,
  );

  test(
    'status --watch refuses a name that nobody knew when it was asked',
    async () => {
      has(live('globex'));
      const { exitCode, output } = await ended(tenantry('status', '--watch', '--tenant', 'globx'));
      expect(exitCode).toBe(2);
      expect(output).toContain('there is no such tenant; did you mean "globex"?');
    },
    3 * START,
  );

  test(
    'status --why says of each setting which line it comes from, and what the cluster has in its place',
    async () => {
      const text = `${platformFile()}plans:\n  large: { services: { apiserver: { replicas: 4 } } }\n`;
      writeFileSync(join(root, 'platform.yaml'), text);
      writeFileSync(join(root, 'tenants/globex.yaml'), `${GOOD_TENANT}ring: canary\nplan: large\n`);
      has(live('globex'));
      const { exitCode, output } = await ended(tenantry('status', '--tenant', 'globex', '--why'));
      expect(exitCode).toBe(0);
      const [, own = '', apiserver = ''] = output.split(/\n\n(?=globex)/);
      expect(own).toMatch(/^globex\n {2}SETTING +VALUE +FROM +IN THE CLUSTER\n/);
      expect(own).toMatch(/^ {2}host +globex\.example\.com +tenants\/globex\.yaml:1:7$/m);
      expect(own).toMatch(/^ {2}release +releases\/0\.0\.2 +platform\.yaml:2:10$/m);
      expect(apiserver).toMatch(/^globex apiserver\n/);
      expect(apiserver).toMatch(/^ {2}replicas +4 +platform\.yaml:\d+:47 \(plan large\) +2$/m);
      expect(apiserver).toMatch(/^ {2}stopSeconds +25 +default$/m);

      const json = await ended(tenantry('status', '--tenant', 'globex', '--why', '--json'));
      expect(JSON.parse(json.output).settings).toContainEqual({
        tenant: 'globex',
        service: 'apiserver',
        field: 'replicas',
        value: '4',
        from: { file: 'platform.yaml', line: expect.any(Number), column: 47, plan: 'large' },
        live: '2',
      });
    },
    6 * START,
  );

  test(
    'why says what keeps a tenant and what to type next, of Tenants alone, also where files of tenants have mistakes',
    async () => {
      writeFileSync(join(root, 'tenants/hooli.yaml'), 'hots: hooli.example.com\n');
      has(stuck('globex'), live('stray'));
      const list = cluster.onList;
      const asked: (string | undefined)[] = [];
      cluster.onList = (request, response) => {
        asked.push(request.url);
        list(request, response);
      };
      const { exitCode, output } = await ended(tenantry('why', 'globex'));
      expect(output).toMatch(
        /^globex is not ready, for \d+ d \(waits for a person\)\n\nRolloutStuck, for \d+ d: no pod\n/,
      );
      expect(output).toContain('      | Error: no such table\nnext: kubectl --namespace tenant-globex describe pods ');
      expect(output).toMatch(/\nBeside it: the files have \d problems?, .*: npx tenantry check\n$/);
      expect(exitCode).toBe(1);
      expect(asked).toEqual(['/apis/tenantry.dev/v1/tenants']);

      const json = await ended(tenantry('why', 'globex', '--json'));
      const [shown = ''] = json.output.split('\n\nBeside it');
      expect(JSON.parse(shown)).toMatchObject({
        tenant: 'globex',
        ready: 'False',
        problems: [{ reason: 'RolloutStuck' }],
      });
    },
    6 * START,
  );

  test(
    'why knows tenants that have a file alone, and suggests a name for one that nobody knows',
    async () => {
      has(live('stray'));
      const file = await ended(tenantry('why', 'globex'));
      expect(file.output).toBe(
        'globex has a file, and is not in the cluster: the next run makes it.\nnext: npx tenantry plan --run --tenant globex\n',
      );
      expect(file.exitCode).toBe(1);
      const unknown = await ended(tenantry('why', 'starry'));
      expect(unknown.output).toBe('why starry: there is no such tenant; did you mean "stray"?\n');
      expect(unknown.exitCode).toBe(2);
    },
    6 * START,
  );

  test(
    'freeze names what runs from another registry, and freezes it to what the others have',
    async () => {
      writeFileSync(join(root, 'tenants/hooli.yaml'), 'host: hooli.example.com\n');
      has(live('globex'), live('hooli', 'docker.io'));
      const { exitCode, output } = await ended(tenantry('freeze'));
      expect(output).toContain(`  hooli web-client docker.io/web-client@${digestOf('web-client')}\n`);
      expect(exitCode).toBe(0);
      const { images } = JSON.parse(readFileSync(join(root, 'frozen.lock.json'), 'utf8')) as {
        images: { service: string; digest: string; tenants: string[] }[];
      };
      expect(images.filter(({ service }) => service === 'web-client')).toMatchObject([
        { digest: digestOf('web-client'), tenants: ['globex', 'hooli'] },
      ]);
    },
    3 * START,
  );

  test(
    'freeze freezes nothing to what ECR has where the address of the cluster is wrong',
    async () => {
      cluster.onGroups = (_, response) => send(response, 404, { message: 'not found' });
      cluster.onList = (_, response) => send(response, 404, { message: 'not found' });
      const { exitCode, output } = await ended(tenantry('freeze'));
      expect(exitCode).toBe(2);
      expect(output).toContain('not a Kubernetes API');
      expect(existsSync(join(root, 'frozen.lock.json'))).toBe(false);
      expect(readFileSync(join(root, 'platform.yaml'), 'utf8')).toBe(platformFile());
    },
    3 * START,
  );
});

const { platform } = load();

/** One whose pods do not come up. */
function stuck(name: string): ReturnType<typeof live> {
  const moment = '2026-11-22T07:00:00Z';
  const said = { reason: 'RolloutStuck', message: 'no pod', lastTransitionTime: moment };
  const evidence = [{ cause: 'its container ended', since: moment, said: ['Error: no such table'] }];
  return {
    ...live(name),
    status: {
      observedGeneration: 1,
      conditions: [
        { type: 'Ready', status: 'False', ...said },
        { type: 'Stalled', status: 'True', ...said },
      ],
      services: [{ name: 'apiserver', evidence }],
    },
  };
}

/** A Tenant as it is live. */
function live(name: string, registry = HOST): LiveTenant & { metadata: { resourceVersion: string } } {
  const release = platform.release;
  const services = platform.services.map((service) => ({
    name: service.name,
    image: `${registry}/${service.repository}@${digestOf(service.name)}`,
    commit: commitNamed('running'),
    release,
    port: service.port,
    replicas: podsOf(service).replicas,
  }));
  return {
    metadata: { name, generation: 1, creationTimestamp: '2026-11-22T06:00:00Z', resourceVersion: '1' },
    spec: {
      host: `${name}.example.com`,
      ring: name === 'globex' ? 'canary' : 'general',
      release,
      decommission: false,
      database: { name: `tenant_${name}`, deletionPolicy: 'Retain' },
      services,
    },
  };
}
