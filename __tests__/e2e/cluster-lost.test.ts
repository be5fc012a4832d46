import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { commandIn } from '../../lib/fleet/pasteable-command';
import { environmentFor } from '../../local/environment';
import { FAKE_NODE } from '../../local/parts/fake-node';
import { restartPart } from '../../local/platform/restart-part';
import { Progress } from '../../local/processes/progress';
import { findExecutable } from '../../local/programs/executable';
import { commandsBelow } from '../docs/page-commands';
import { until } from '../until';
import { Checkout } from './checkout';

const [BACKUP, SECRETS, DEPLOY] = commandsBelow('restore.md', 'A whole cluster') as [string, string, string];
const quiet = new Progress({ write: () => undefined });

(findExecutable('kubectl') && findExecutable('jq') ? describe : describe.skip)(
  'a cluster that is lost as a whole',
  () => {
    let checkout: Checkout;
    beforeAll(async () => {
      checkout = await Checkout.create();
      checkout.edit('local/platform.yaml', 'rings:', 'database: { rotation: 2026-11 }\nrings:');
      await checkout.start();
    });
    afterAll(() => checkout?.remove());

    /** Types it as the page has it, as the cluster's administrator. */
    const typed = (command: string) => {
      const options = {
        cwd: checkout.root,
        env: environmentFor(checkout.platform.record, 'admin'),
        encoding: 'utf8' as const,
      };
      const admin = 'kubectl() { command kubectl --context=admin "$@"; }\n';
      const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', admin + command], options);
      return { status, output: `${stdout}${stderr}` };
    };
    const DONE = { status: 0, output: expect.anything() };
    const secrets = async (): Promise<Readonly<Record<string, unknown>>> => {
      const { items } = (await checkout.api.request('GET', '/api/v1/secrets')).body;
      return Object.fromEntries(
        // biome-ignore lint/suspicious/noExplicitAny: whatever the API says
        items.map(({ metadata, data }: any) => [`${metadata.namespace}/${metadata.name}`, data]),
      );
    };
    const onServer = async (statement: string) => {
      const client = new Client({ connectionString: checkout.platform.record.postgres.superuser });
      await client.connect();
      return (await client.query(statement).finally(() => client.end())).rows;
    };
    const server = () =>
      onServer(`SELECT rolname, rolpassword, (SELECT json_agg(oid) FROM pg_database WHERE datdba = pg_authid.oid) AS databases
              FROM pg_authid WHERE rolname LIKE 'tenant\\_%' ORDER BY 1`);

    /** Everything that Kubernetes knew is gone; PostgreSQL, the state in S3 and the registry stay. */
    async function lose(): Promise<void> {
      const { parts } = checkout.platform.record;
      const etcd = parts.find(({ name }) => name === 'etcd')?.endpoint;
      const zero = Buffer.from('\0').toString('base64');
      const answer = await fetch(`${etcd}/v3/kv/deleterange`, {
        method: 'POST',
        body: JSON.stringify({ key: zero, range_end: zero }),
      });
      expect(Number((await answer.json()).deleted)).toBeGreaterThan(100);
      for (const part of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'gateway'])
        await restartPart(checkout.root, part, quiet);
      await checkout.api.request('POST', '/api/v1/nodes', FAKE_NODE);
      await until('it is empty', async () => {
        const { groups } = (await checkout.api.request('GET', '/apis')).body;
        return !groups.some(({ name }: { name: string }) => name === 'tenantry.dev');
      });
    }

    test('comes back from files, state, database server and the backup of the Secrets, with every password as before', async () => {
      await checkout.api.request('POST', '/api/v1/namespaces/tenantry-system/secrets', {
        metadata: { name: 'tenantry-database' },
        stringData: { url: 'postgresql://a:b@c/d' },
      });
      const [secretsBefore, serverBefore] = [await secrets(), await server()];
      expect(typed(BACKUP)).toEqual(DONE);
      const file = checkout.read('cluster.json');
      expect(typed(`kubectl() { return 1; }\n set +eo pipefail\n${BACKUP}`).output).toBe('');
      expect(checkout.read('cluster.json')).toBe(file);
      await lose();
      expect(await secrets()).toEqual({});

      expect(typed(SECRETS)).toEqual(DONE);
      expect(typed(DEPLOY)).toEqual(DONE);
      expect(Object.keys(await checkout.tenants())).toEqual(['globex', 'initech', 'northwind']);
      expect(await secrets()).toEqual(secretsBefore);
      expect(await server()).toEqual(serverBefore);
      expect((await checkout.deploy()).output.match(/No changes\./g)).toHaveLength(2);
    });

    test('says of a tenant whose Secret was in no backup how it gets a new password, and that brings it back', async () => {
      const serverBefore = await server();
      const file = join(checkout.root, 'cluster.json');
      const backup = JSON.parse(readFileSync(file, 'utf8'));
      const isLost = (one: { kind: string; metadata: { namespace?: string; name: string } }) =>
        one.metadata.namespace === 'tenant-globex' && one.metadata.name === 'tenantry-credentials';
      writeFileSync(file, JSON.stringify({ ...backup, items: backup.items.filter((one: never) => !isLost(one)) }));
      await lose();
      expect(typed(SECRETS)).toEqual(DONE);
      const [operator = '', tenants = ''] = DEPLOY.split('\n');
      expect(typed(operator)).toEqual(DONE);
      expect(typed(tenants)).toEqual(DONE);
      const message = await until('it is said', async () => {
        const conditions = (await checkout.tenants()).globex?.status?.conditions ?? [];
        return conditions.find(({ reason }) => reason === 'CredentialsMissing')?.message;
      });
      expect(typed(commandIn(message, 'globex', 'create secret') as string)).toEqual(DONE);
      expect((await checkout.run('npx tenantry verify')).exitCode).toBe(0);
      const databases = (rows: readonly { rolname: string; databases: unknown }[]) =>
        rows.map(({ rolname, databases }) => ({ rolname, databases }));
      expect(databases(await server())).toEqual(databases(serverBefore));
    });
  },
);
