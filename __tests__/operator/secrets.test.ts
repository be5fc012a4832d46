import { until } from '../until';
import { Lab } from './lab';
import { deploymentOf, imageOf } from './ringed-tenants';
import { image, service, tenantObject } from './tenant-object';

const SECRETS = '/api/v1/namespaces/tenant-vault/secrets';
/** Seconds within which what happens to a Secret is noticed, on a machine that has other things to do. */
const SOON = 20;

describe('a service that takes a variable from a Secret', () => {
  const taking = (n = 1) => service('api', n, { secrets: [{ name: 'STRIPE_KEY', secret: 'stripe', key: 'api-key' }] });
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    await lab.apply(tenantObject('vault', { services: [taking(), service('web')] }));
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const send = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
    const { status, body: answer } = await lab.api.request(method, path, body);
    expect([status < 300, answer.message]).toEqual([true, undefined]);
  };
  const make = (values: object) =>
    send('POST', SECRETS, { metadata: { name: 'stripe' }, stringData: values, type: 'Opaque' });
  const revision = async () =>
    Number((await deploymentOf(lab, 'vault')).metadata.annotations['deployment.kubernetes.io/revision']);
  const missing = () => lab.untilReason('vault', 'SecretMissing');

  test('waits until the Secret is there, and says how to make it; the other services do not wait', async () => {
    const { message } = await missing();
    expect(message).toContain(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
      'api stays as it is: there is no Secret stripe with the key api-key (STRIPE_KEY). Make it: kubectl --namespace tenant-vault create secret generic stripe --from-literal=api-key="${STRIPE_KEY:?}"',
    );
    expect((await lab.condition('vault', 'Stalled'))?.status).toBe('True');
    expect((await deploymentOf(lab, 'vault')).code).toBe(404);
    const web = await deploymentOf(lab, 'vault', 'web');
    expect(web.spec.template.spec.containers[0].image).toBe(image('web', 1));

    await make({ 'api-key': 'the first value' });
    await until('it is deployed', async () => (await deploymentOf(lab, 'vault')).code !== 404, SOON);
    await lab.untilReady('vault');
    const { spec } = await deploymentOf(lab, 'vault');
    expect(spec.template.spec.containers[0].env).toContainEqual({
      name: 'STRIPE_KEY',
      valueFrom: { secretKeyRef: { name: 'stripe', key: 'api-key' } },
    });
  });

  test('starts again once for another value, and for nothing else that changes in the Secret', async () => {
    const before = await revision();
    await send('PATCH', `${SECRETS}/stripe`, { metadata: { labels: { team: 'billing' } }, stringData: { other: 'x' } });
    await send('PATCH', `${SECRETS}/stripe`, { stringData: { 'api-key': 'the second value' } });
    await until('its pods start again', async () => (await revision()) === before + 1, SOON);
    await lab.untilReady('vault');
    await send('PATCH', `${SECRETS}/stripe`, { metadata: { labels: { team: null } }, stringData: { other: 'y' } });
    await askedAgain();
    expect(await revision()).toBe(before + 1);
    const applied = lab.writes.list().filter(({ what }) => what.includes('/deployments/'));
    expect(applied).toHaveLength(1);
  });

  test('is left alone by an operator that starts anew', async () => {
    lab.kill();
    lab.writes.reset();
    await lab.start();
    await askedAgain();
    expect(lab.writes.list()).toEqual([]);
  });

  test('runs on when the Secret goes, takes no new image without it, and goes on when it is back', async () => {
    const { metadata, spec } = await deploymentOf(lab, 'vault');
    await send('DELETE', `${SECRETS}/stripe`);
    await missing();
    await lab.change('vault', { services: [taking(2), service('web')] });
    await missing();
    await askedAgain();
    expect(await deploymentOf(lab, 'vault')).toMatchObject({ metadata: { generation: metadata.generation }, spec });
    expect((await lab.tenant('vault'))?.status?.services?.[0]).toMatchObject({
      image: image('api', 1),
      readyReplicas: 1,
    });

    await make({ 'api-key': 'the third value' });
    await until('it has its new image', async () => (await imageOf(lab, 'vault')) === image('api', 2), SOON);
    await lab.untilReady('vault');
  });

  test('shows no value, and has the operator read no other Secret than it names', async () => {
    const read = [...lab.kubernetes.accesses.values()].filter(
      ({ verb, resource }) => verb === 'get' && resource === 'secrets',
    );
    expect([...new Set(read.map(({ name }) => name))].sort()).toEqual(['stripe']);
    const shown = JSON.stringify([await lab.tenant('vault'), await deploymentOf(lab, 'vault'), lab.output()]);
    for (const nth of ['first', 'second', 'third']) {
      const value = `the ${nth} value`;
      for (const text of [value, Buffer.from(value).toString('base64')]) expect(shown).not.toContain(text);
    }
  });

  /** Waits until the operator has asked for the Secret twice more, so that it has acted on what it found the first time. */
  async function askedAgain(): Promise<void> {
    const asked = () => lab.kubernetes.reads.filter(({ verb, name }) => verb === 'get' && name === 'stripe').length;
    const before = asked();
    await until('the Secret was asked for again', () => asked() >= before + 3);
  }
});
