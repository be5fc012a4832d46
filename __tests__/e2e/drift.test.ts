import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { notPlanned } from '../../lib/terraform/nothing-to-do';
import { until } from '../until';
import { Checkout } from './checkout';

/** What people do behind the back of the files. */
describe('a fleet that was meddled with', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  test('a Tenant edited by hand is what its file says again after the next run', async () => {
    const before = (await checkout.tenants()).globex?.spec;
    const edited = await checkout.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/globex', {
      spec: { host: 'attacker.example.com', ring: 'elsewhere' },
    });
    expect(edited.status).toBe(200);

    const plan = await checkout.run('npx cdktf diff tenants', { as: 'planner' });
    expect(plan.output).toContain('attacker.example.com');
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await checkout.tenants()).globex?.spec).toEqual(before);
  });

  test('a run with nothing to do says so without asking Terraform, unless it is told to', async () => {
    const { exitCode, output } = await checkout.deploy();
    expect(exitCode).toBe(0);
    expect(output).toContain(notPlanned(['operator', 'tenants']));
    expect(output.match(/No changes\./g)).toHaveLength(2);

    const full = await checkout.run('node cli/tenantry.js deploy --auto-approve --full');
    expect(full.output).not.toContain('Terraform was not asked');
    expect(full.output.match(/No changes\./g)).toHaveLength(2);
  });

  test.each<[string, string, object, string]>([
    [
      'a Tenant with a field that was changed',
      '/apis/tenantry.dev/v1/tenants/northwind',
      { spec: { suspend: true } },
      'tenants',
    ],
    [
      'a right of the operator that is gone',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/tenantry-operator',
      { rules: [] },
      'operator',
    ],
    [
      'an operator that is stopped',
      '/apis/apps/v1/namespaces/tenantry-system/deployments/tenantry-operator',
      { spec: { replicas: 0 } },
      'operator',
    ],
  ])('a synth sees %s, so that Terraform is asked', async (_, path, change, stack) => {
    const settled = async () => {
      expect((await checkout.run('node -r @swc-node/register main.ts')).exitCode).toBe(0);
      return Object.keys(JSON.parse(checkout.read('cdktf.out/settled.json')));
    };
    const { body } = await checkout.api.request('GET', path);
    expect((await checkout.api.request('PATCH', path, change)).status).toBe(200);
    expect(await settled()).toEqual(['operator', 'tenants'].filter((one) => one !== stack));

    const { spec, rules } = body as { readonly spec?: object; readonly rules?: object };
    const undone = await checkout.api.request('PATCH', path, { ...(spec && { spec }), ...(rules && { rules }) });
    expect(undone.status).toBe(200);
    expect(await settled()).toEqual(['operator', 'tenants']);
  });

  test('a deploy goes on to its end though nobody reads any more what it says', async () => {
    const { digest } = await checkout.publish('web-client');
    checkout.write('deploy.sh', 'node cli/tenantry.js deploy --auto-approve | head -n 1\n');
    const { exitCode, output } = await checkout.run('bash -o pipefail deploy.sh');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'images: ECR, as it is now\n' });
    expect(await checkout.digests()).toMatchObject({ 'globex web-client': digest, 'northwind web-client': digest });
    expect((await checkout.run('npx tenantry unlock')).output).toBe('No state is locked.\n');
    checkout.delete('deploy.sh');
  });

  test('a Tenant cannot be deleted while it is in use, by anybody, and the refusal says what to do', async () => {
    const { status, body } = await checkout.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/globex');

    expect(status).toBe(403);
    expect(body.message).toContain(
      'tenant globex is in use. To delete it, set decommission: true in globex.yaml and deploy',
    );
    expect(await checkout.tenants()).toHaveProperty('globex');
  });

  test('the definition of Tenant cannot be deleted, and with it every tenant', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev';
    const { status, body } = await checkout.api.request('DELETE', path);

    expect(status).toBe(403);
    expect(body.message).toContain('deleting the definition of Tenant would delete every tenant');
    expect(Object.keys(await checkout.tenants())).toHaveLength(3);
  });

  test('a Tenant deleted by hand is there again after the next run', async () => {
    const before = (await checkout.tenants()).initech?.spec;
    await checkout.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/initech', { spec: { decommission: true } });
    await until(
      'it may be deleted, since the operator has looked at it',
      async () => (await checkout.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/initech')).status === 200,
    );
    await until('the operator has let it go', async () => !('initech' in (await checkout.tenants())));

    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await checkout.tenants()).initech?.spec).toEqual(before);
  });

  test('a run that would lose a tenant changes nothing at all, as when a file is removed or renamed, whoever deploys', async () => {
    const file = checkout.read('local/tenants/initech.yaml');
    const before = await checkout.digests();
    await checkout.publish('web-client');
    checkout.delete('local/tenants/initech.yaml');
    const removed = await checkout.deploy();
    checkout.write('local/tenants/initrode.yaml', file);
    const renamed = await checkout.deploy();
    for (const { exitCode, output } of [removed, renamed]) {
      expect(exitCode).toBe(2);
      expect(output).toContain('initech is in use and has no file. Bring initech.yaml back; to delete the tenant');
    }
    expect(checkout.list('cdktf.out')).toEqual([]);
    expect(await checkout.digests()).toEqual(before);

    checkout.delete('local/tenants/initrode.yaml');
    checkout.write('local/tenants/initech.yaml', file);
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(Object.keys(await checkout.tenants())).toEqual(['globex', 'initech', 'northwind']);
  });

  test('a state that was lost, or not written when a run was killed, heals by itself; everything stays what it was', async () => {
    const identities = async () =>
      Object.values(await checkout.tenants()).map(({ metadata }) => [
        metadata.name,
        (metadata as { uid?: string }).uid,
        metadata.generation,
      ]);
    const before = await identities();
    const { endpoint, region } = checkout.platform.record.aws;
    const s3 = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const lose = (stack: string) =>
      s3.send(new DeleteObjectCommand({ Bucket: 'local-tenantry-state', Key: `local/${stack}.tfstate` }));
    // What decides who may do what is adopted by whoever may write it.
    await lose('operator');
    const deploysOperator = 'npx cdktf deploy operator --auto-approve';
    expect((await checkout.run(deploysOperator, { as: 'admin' })).exitCode).toBe(0);
    await lose('tenants');
    const healed = await checkout.deploy();
    expect({ exitCode: healed.exitCode, output: healed.exitCode === 0 ? '' : healed.output }).toEqual({
      exitCode: 0,
      output: '',
    });
    expect(healed.output).toMatch(/Resources: 3 imported/);
    expect(await identities()).toEqual(before);
    expect((await checkout.deploy()).output.match(/No changes\./g)).toHaveLength(2);
  });

  test('a deletion that hangs keeps nobody from anything: others are updated in the same run, and no later one waits for it', async () => {
    const path = '/apis/tenantry.dev/v1/tenants/initech';
    const file = checkout.read('local/tenants/initech.yaml');
    checkout.write('local/tenants/initech.yaml', `${file}decommission: true\n`);
    expect((await checkout.deploy()).exitCode).toBe(0);
    const { metadata } = (await checkout.tenants()).initech ?? {};
    const finalizers = [...(metadata?.finalizers ?? []), 'example.com/keep'];
    await checkout.api.request('PATCH', path, { metadata: { finalizers } });

    checkout.delete('local/tenants/initech.yaml');
    const { digest } = await checkout.publish('web-client');
    const hanging = await checkout.deploy();
    expect(hanging.exitCode).toBe(2);
    expect(await checkout.digests()).toMatchObject({ 'globex web-client': digest, 'northwind web-client': digest });

    const next = await checkout.publish('apiserver');
    const later = await checkout.deploy();
    expect(later.exitCode).toBe(0);
    expect(await checkout.digests()).toMatchObject({
      'globex apiserver': next.digest,
      'northwind apiserver': next.digest,
    });
    const verified = await checkout.run('npx tenantry verify');
    expect(verified.exitCode).toBe(1);
    expect(verified.output).toMatch(/ {2}initech is still being deleted, since .*; held by .*example\.com\/keep/);

    const { initech } = await checkout.tenants();
    const left = initech?.metadata.finalizers?.filter((one) => one !== 'example.com/keep') ?? [];
    await checkout.api.request('PATCH', path, { metadata: { finalizers: left } });
    await until('it is gone', async () => !('initech' in (await checkout.tenants())));
    checkout.write('local/tenants/initech.yaml', file);
    expect((await checkout.deploy()).exitCode).toBe(0);
  });

  test('a tenant leaves in two steps: decommission, then without its file', async () => {
    checkout.write('local/tenants/initech.yaml', `${checkout.read('local/tenants/initech.yaml')}decommission: true\n`);
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await checkout.tenants()).initech?.spec.decommission).toBe(true);

    checkout.delete('local/tenants/initech.yaml');
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(Object.keys(await checkout.tenants())).toEqual(['globex', 'northwind']);
  });
});
