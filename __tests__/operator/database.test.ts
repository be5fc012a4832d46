import { Lab } from './lab';
import { tenantObject } from './tenant-object';

/** What a database administrator does to the roles and databases of tenants, and to the operator's own role. */
describe('an operator', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    // It looks into the database almost as often as at the tenant.
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.apply(tenantObject('bystander'));
    await lab.untilReady('bystander');
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const passwordOf = async (tenant: string) => {
    const { body } = await lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}/secrets/tenantry-credentials`);
    return Buffer.from(body.data.password, 'base64').toString();
  };

  test('closes a database to the roles of others, though its own does not inherit the rights of roles that it makes', async () => {
    await lab.query('ALTER ROLE tenantry_operator NOINHERIT');
    await lab.apply(tenantObject('closed'));
    await lab.untilReady('closed');
    await lab.query('ALTER ROLE tenantry_operator INHERIT');

    expect(await lab.logsIn('tenant_closed', await passwordOf('closed'), 'tenant_closed')).toBe(true);
    expect(await lab.logsIn('tenant_bystander', await passwordOf('bystander'), 'tenant_closed')).toBe(false);
  });

  test.each([
    ['it may not', 'NOLOGIN'],
    ['its time is over', "VALID UNTIL '2020-01-01'"],
  ])('says that a role cannot log in when %s, leaves that as it is, and goes on once it can', async (_, attribute) => {
    await lab.query(`ALTER ROLE tenant_bystander ${attribute}`);
    const { message } = await lab.untilReason('bystander', 'LoginForbidden');
    expect(message).toContain('ALTER ROLE "tenant_bystander" LOGIN VALID UNTIL \'infinity\'');
    expect(lab.writes.list().filter(({ system }) => system === 'postgresql')).toEqual([]);

    await lab.query("ALTER ROLE tenant_bystander LOGIN VALID UNTIL 'infinity'");
    await lab.change('bystander', { ring: attribute === 'NOLOGIN' ? 'canary' : 'general' });
    await lab.untilReady('bystander');
  });

  test('waits for a person where a role that should go has something elsewhere, and says what and where', async () => {
    await lab.apply(tenantObject('sticky', { database: { name: 'tenant_sticky', deletionPolicy: 'Delete' } }));
    await lab.untilReady('sticky');
    await lab.query('CREATE TABLE leftover ()');
    await lab.query('ALTER TABLE leftover OWNER TO tenant_sticky');
    await lab.change('sticky', { decommission: true });
    await lab.delete('sticky');
    const { message } = await lab.untilReason('sticky', 'RoleInUse');
    expect(message).toContain('owner of table leftover');
    expect((await lab.condition('sticky', 'Stalled'))?.status).toBe('True');

    await lab.query('DROP TABLE leftover');
    await lab.change('sticky', { ring: 'canary' });
    await lab.untilGone('sticky');
    expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_sticky'")).toEqual([]);
  });

  test('makes no empty database in place of one that is gone, and goes on with the one that a person puts there', async () => {
    await lab.apply(tenantObject('lost'));
    await lab.untilReady('lost');
    await lab.query('ALTER DATABASE tenant_lost RENAME TO tenant_lost_aside');
    const { message } = await lab.untilReason('lost', 'DatabaseMissing');
    expect(message).toContain('Restore it from a backup, with the owner tenant_lost');
    lab.kill();
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.change('lost', { ring: 'canary' });
    await lab.untilReason('lost', 'DatabaseMissing');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_lost'")).toEqual([]);

    await lab.query('ALTER DATABASE tenant_lost_aside RENAME TO tenant_lost');
    await lab.change('lost', { ring: 'general' });
    await lab.untilReady('lost');
  });

  test('sends no service to a server that never answered, such as one whose address has a mistake', async () => {
    const path = '/apis/apps/v1/namespaces/tenant-bystander/deployments/api';
    const containers = async () => (await lab.api.request('GET', path)).body.spec.template.spec.containers;
    const before = await containers();
    await lab.stop();
    const wrong = new URL(lab.record.postgres.operator);
    wrong.port = '1';
    await lab.start({ RESYNC_SECONDS: '1', DATABASE_URL: wrong.href });
    await lab.untilReason('bystander', 'DatabaseUnavailable');
    expect(await containers()).toEqual(before);

    await lab.stop();
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.untilReady('bystander');
    expect(await containers()).toEqual(before);
  });
});
