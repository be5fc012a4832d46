import { until } from '../until';
import { installExternalSecrets, readStore, type Store } from './external-secrets';
import { Lab } from './lab';
import { deploymentOf } from './ringed-tenants';
import { service, tenantObject } from './tenant-object';

const PATH = 'acme/vault/api';
const OBJECT = '/apis/external-secrets.io/v1/namespaces/tenant-vault/externalsecrets/api';
const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/externalsecrets.external-secrets.io';
/** Seconds within which the operator hears of it, on a machine that has other things to do. */
const [SOON, DEFINED] = [20, 60];

describe('a service whose Secret comes from a secret store', () => {
  const taking = (secretPath = PATH) =>
    service('api', 1, { secretPath, secrets: [{ name: 'STRIPE_KEY', secret: 'api', key: 'stripe-key' }] });
  const vault = (secretPath?: string) =>
    tenantObject('vault', {
      secretStore: { kind: 'ClusterSecretStore', name: 'aws', refreshSeconds: 600 },
      services: [taking(secretPath), service('web')],
    });
  const has = (value: string): Store => new Map([[PATH, { 'stripe-key': value }]]);
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    await lab.apply(vault());
  });
  afterAll(() => lab?.remove());

  const live = async () => (await lab.api.request('GET', OBJECT)).body;
  const key = async () => (await live()).spec?.dataFrom[0].extract.key;
  const revision = async () =>
    Number((await deploymentOf(lab, 'vault')).metadata.annotations['deployment.kubernetes.io/revision']);

  test('says so where the cluster has no External Secrets, and waits for it', async () => {
    const { message } = await lab.untilReason('vault', 'SecretStoreMissing');
    expect(message).toContain('this cluster has no definition externalsecrets.external-secrets.io/v1');
    expect((await deploymentOf(lab, 'vault', 'web')).code).not.toBe(404);

    await installExternalSecrets(lab);
    await until('the store is asked', async () => (await key()) === PATH, DEFINED);
    expect((await lab.untilReason('vault', 'SecretMissing')).message).toContain(
      'External Secrets is to read stripe-key',
    );
  });

  test('says what keeps it from being read, and starts once it is', async () => {
    await readStore(lab, new Map());
    await until(
      'it says why',
      async () =>
        (await lab.condition('vault', 'Ready'))?.message?.includes('could not get secret data from provider') ?? false,
    );
    await readStore(lab, has('the first value'));
    await lab.untilReady('vault');
  });

  test('is asked for by an object that is as it should be once the API server has filled it in: nothing is written again', async () => {
    expect((await live()).spec.target.creationPolicy).toBe('Owner');
    lab.kill();
    lab.writes.reset();
    await lab.start();
    await until(
      'all were looked at',
      async () => ((await lab.metric('tenantry_reconciles_total', { outcome: 'ready' })) ?? 0) > 0,
    );
    expect(lab.writes.list()).toEqual([]);
  });

  test('restarts its pods for another value in the store', async () => {
    const before = await revision();
    await readStore(lab, has('the second value'));
    await until('its pods start again', async () => (await revision()) === before + 1, SOON);
    await lab.untilReady('vault');
  });

  test("has its object put back when somebody makes it read what is another tenant's", async () => {
    const dataFrom = [{ extract: { key: 'acme/hooli/api' } }];
    await lab.api.request('PATCH', OBJECT, { spec: { dataFrom, refreshInterval: '0' } });
    await until(
      'it is put back',
      async () => (await key()) === PATH && (await live()).spec.refreshInterval === '10m0s',
      SOON,
    );
  });

  test('runs on when External Secrets is removed, and has its object again when it is back', async () => {
    await lab.untilReady('vault');
    const before = await revision();
    await lab.api.request('DELETE', DEFINITION);
    await until('its definition is gone', async () => (await lab.api.request('GET', DEFINITION)).status === 404);
    // The Secret was of the object, and goes with it.
    await lab.untilReason('vault', 'SecretStoreMissing');
    expect(await revision()).toBe(before);
    await installExternalSecrets(lab);
    await until('the store is asked', async () => (await key()) === PATH, DEFINED);
    await readStore(lab, has('the second value'));
    await lab.untilReady('vault');
  });

  test('has none when it takes nothing from the store any more', async () => {
    await lab.apply(tenantObject('vault'));
    await until('it is gone', async () => (await lab.api.request('GET', OBJECT)).status === 404, SOON);
    await lab.untilReady('vault');
  });
});
