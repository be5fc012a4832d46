import { join } from 'node:path';
import { Client } from 'pg';
import { serveTls } from '../examples/database-server';
import { authority, type Certificate, certificate } from '../fleet/health/certificates';
import { until } from '../until';
import { Lab } from './lab';
import { tenantObject } from './tenant-object';

const FILE = '/etc/tenantry-database/ca.crt';
const NAMESPACE = '/api/v1/namespaces/tenant-secure';

describe('an operator whose database server has a certificate', () => {
  let lab: Lab;
  let ours: Certificate;
  beforeAll(async () => {
    lab = await Lab.create();
    ours = await authority();
    await serve({});
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, { url: url('postgres'), 'ca.crt': ours.cert });
    await lab.apply(tenantObject('secure'));
    await lab.untilReady('secure');
  });
  afterAll(() => lab?.remove());

  /** What is encrypted no proxy can read: straight to the server, by the name in its certificate. */
  const url = (database: string) =>
    Object.assign(new URL(lab.record.postgres.operator), { hostname: 'localhost', pathname: database }).href;
  const serve = async ({ host = 'localhost', to = 1 }) => {
    const { superuser } = lab.record.postgres;
    const its = await certificate({ host, from: -2, to, by: ours });
    await serveTls(superuser, join(lab.directory, '.local/data/postgres'), its);
  };
  const read = async (path: string) => (await lab.api.request('GET', path)).body;
  const template = async () =>
    (await read('/apis/apps/v1/namespaces/tenant-secure/deployments/api')).spec.template.spec;
  const secret = async () => {
    const { data } = await read(`${NAMESPACE}/secrets/tenantry-credentials`);
    const text = (key: string) => Buffer.from(data[key], 'base64').toString();
    return { password: text('password'), ca: text('ca.crt') };
  };
  /** As a service would that goes by what its pods are told. */
  const logsIn = async () => {
    const { password, ca } = await secret();
    const { host, port } = { host: 'localhost', port: lab.record.postgres.port };
    const client = new Client({ host, port, password, user: 'tenant_secure', database: 'tenant_secure', ssl: { ca } });
    await client.connect();
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await client.end();
    return rows[0].ssl;
  };

  test('verifies it, and gives each tenant the file by which its services do', async () => {
    const { containers, volumes } = await template();
    expect(containers[0].env).toEqual(
      expect.arrayContaining([
        { name: 'PGHOST', value: 'localhost' },
        { name: 'PGSSLMODE', value: 'verify-full' },
        { name: 'PGSSLROOTCERT', value: FILE },
      ]),
    );
    expect(containers[0].volumeMounts).toContainEqual(expect.objectContaining({ mountPath: '/etc/tenantry-database' }));
    expect(volumes).toContainEqual(expect.objectContaining({ name: 'tenantry-database' }));
    expect((await secret()).ca).toBe(ours.cert);
    expect(await logsIn()).toBe(true);
  });

  const refusals: readonly [string, { host?: string; to?: number }, string][] = [
    ['has expired', { to: -1 }, 'certificate verify failed'],
    ['is another host’s', { host: 'other.example.com' }, 'does not match host name'],
  ];
  test.each(refusals)('says that a certificate %s, lets pods run on, and goes on by itself', async (_, wrong, said) => {
    const before = await template();
    await serve(wrong);
    const { message } = await lab.untilReason('secure', 'DatabaseUnavailable');
    expect(message).toContain(said);
    expect(message).toContain('openssl s_client -starttls postgres -connect localhost:');
    expect((await lab.condition('secure', 'Stalled'))?.status).toBe('False');
    expect(await template()).toEqual(before);

    await serve({});
    await lab.untilReady('secure');
    expect(await template()).toEqual(before);
  });

  test('trusts nobody who is not named, and starts no pod again where another authority is', async () => {
    const before = await template();
    const other = await authority('another');
    lab.tell({ url: url('postgres'), 'ca.crt': other.cert });
    await lab.untilReason('secure', 'DatabaseUnavailable');
    // A mistake locks out the operator alone.
    expect((await secret()).ca).toBe(ours.cert);

    const both = `${other.cert}\n${ours.cert}\n`;
    lab.tell({ url: url('postgres'), 'ca.crt': both });
    await lab.untilReady('secure');
    await until('services are told too', async () => (await secret()).ca === both);
    expect(await logsIn()).toBe(true);
    expect(await template()).toEqual(before);
  });

  test('goes on with what it was told last where that can not be used', async () => {
    lab.tell({ url: url('postgres'), 'ca.crt': 'nonsense' });
    const { message } = await lab.untilReason('secure', 'DatabaseUnknown');
    expect(message).toContain('ca.crt has no certificate');
    lab.tell({ url: url('postgres'), 'ca.crt': ours.cert });
    await lab.untilReady('secure');
  });
});
