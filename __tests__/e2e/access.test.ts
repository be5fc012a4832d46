import type { Identity } from '../../local/parts/identity';
import { until } from '../until';
import { Checkout } from './checkout';

const TENANTS = '/apis/tenantry.dev/v1/tenants';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/tenantry-system/deployments';

/** Least privilege, tried rather than claimed. */
describe('who may do what', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  const answer = async (as: Identity, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body: object = {}) =>
    (await checkout.api.request(method, path, method === 'GET' ? undefined : body, as)).status;

  test('the planner sees what a run would change', async () => {
    const { exitCode, output } = await checkout.run('npx cdktf diff tenants', { as: 'planner' });
    expect(output).toContain('No changes.');
    expect(exitCode).toBe(0);
    expect((await checkout.run('npx cdktf diff operator', { as: 'planner' })).output).toContain('No changes.');
  });

  test('whoever sets up is told that all is done, and what there is none of here; the planner, what it may not see', async () => {
    const { exitCode, output } = await checkout.run('npx tenantry doctor', { as: 'admin' });
    expect(output).toMatch(/^ {2}done {8}Operator$/m);
    expect(output).toMatch(/^ {2}not needed {2}Push roles: the local platform has no roles$/m);
    expect(output).toMatch(/^All \d+ steps of the set-up are done\.$/m);
    expect(exitCode).toBe(0);
    const planner = await checkout.run('npx tenantry doctor', { as: 'planner' });
    expect(planner.output).not.toContain('NOT DONE');
  });

  test('the planner can change nothing', async () => {
    await checkout.publish('apiserver');
    const before = await checkout.digests();
    expect((await checkout.deploy({ as: 'planner' })).exitCode).toBe(2);
    // Terraform itself: cdktf may leave out the last lines of what it said.
    const terraform = 'terraform -chdir=cdktf.out/stacks/tenants apply -auto-approve -input=false -no-color';
    const { exitCode, output } = await checkout.run(terraform, { as: 'planner' });

    expect(exitCode).toBe(1);
    expect(output).toContain('forbidden');
    expect(await checkout.digests()).toEqual(before);
    expect(await answer('planner', 'PATCH', `${TENANTS}/globex`)).toBe(403);
    expect(await answer('planner', 'DELETE', `${TENANTS}/globex`)).toBe(403);
    expect((await checkout.deploy()).exitCode).toBe(0);
  });

  test.each<Identity>(['planner', 'deployer'])('the %s can read no secret and start no pod', async (identity) => {
    expect(await answer(identity, 'GET', '/api/v1/secrets')).toBe(403);
    expect(await answer(identity, 'GET', '/api/v1/namespaces/tenantry-system/secrets')).toBe(403);
    expect(await answer(identity, 'POST', '/api/v1/namespaces/default/pods')).toBe(403);
    expect(await answer(identity, 'POST', '/apis/apps/v1/namespaces/default/deployments')).toBe(403);
  });

  test('the planner reads what deleted tenants have left, and no other ConfigMap', async () => {
    const text = await until('the operator has looked', async () => {
      const { exitCode, output } = await checkout.run('npx tenantry left-over', { as: 'planner' });
      return exitCode === 0 && !output.includes('has not looked yet') && output;
    });
    expect(text).toContain(
      'Tenants that are gone have left nothing on the database servers. Looked at: the default server',
    );
    expect(await answer('planner', 'GET', '/api/v1/namespaces/tenantry-system/configmaps')).toBe(403);
    expect(await answer('planner', 'GET', '/api/v1/namespaces/tenantry-system/configmaps/kube-root-ca.crt')).toBe(403);
  });

  test('the deployer can neither widen its own rights nor lift the lock on deletion', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const admission = '/apis/admissionregistration.k8s.io/v1';
    expect(await answer('deployer', 'PATCH', `${rbac}/clusterroles/tenantry-deployer`)).toBe(403);
    expect(await answer('deployer', 'PATCH', `${rbac}/clusterroles/tenantry-operator`)).toBe(403);
    expect(await answer('deployer', 'POST', `${rbac}/clusterrolebindings`)).toBe(403);
    expect(
      await answer(
        'deployer',
        'DELETE',
        `${admission}/validatingadmissionpolicybindings/tenants-are-decommissioned-first.tenantry.dev`,
      ),
    ).toBe(403);
    expect(
      await answer(
        'deployer',
        'PATCH',
        `${admission}/validatingadmissionpolicies/tenants-are-decommissioned-first.tenantry.dev`,
      ),
    ).toBe(403);
    expect(
      await answer(
        'deployer',
        'DELETE',
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev',
      ),
    ).toBe(403);
    expect(
      await answer('deployer', 'PATCH', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev'),
    ).toBe(403);
    // Its pod security is what keeps a Deployment there from taking over the node.
    expect(await answer('deployer', 'PATCH', '/api/v1/namespaces/tenantry-system')).toBe(403);
  });

  test('the operator writes the status of a Tenant, never its spec', async () => {
    expect(await answer('operator', 'PATCH', `${TENANTS}/globex/status`, { status: { observedGeneration: 1 } })).toBe(
      200,
    );
    const annotated = { metadata: { annotations: { 'kopf.dev/seen': 'yes' }, finalizers: ['tenantry.dev/operator'] } };
    expect(await answer('operator', 'PATCH', `${TENANTS}/globex`, annotated)).toBe(200);
    // globex is in use.
    expect(await answer('operator', 'PATCH', `${TENANTS}/globex`, { metadata: { finalizers: null } })).toBe(403);
    for (const spec of [{ decommission: true }, { host: 'attacker.example.com' }]) {
      const { status, body } = await checkout.api.request('PATCH', `${TENANTS}/globex`, { spec }, 'operator');
      expect(status).toBe(403);
      expect(body.message).toContain('change globex.yaml and deploy');
    }
    expect(await answer('operator', 'DELETE', `${TENANTS}/globex`)).toBe(403);
    expect(await answer('operator', 'PATCH', `${DEPLOYMENTS}/tenantry-operator`)).toBe(403);
  });

  test('the deployer brings a new image of the operator, and nothing else of it', async () => {
    await checkout.publish('operator', checkout.platform.platform.operator.release);
    const operator = async () => (await checkout.api.request('GET', `${DEPLOYMENTS}/tenantry-operator`)).body;
    const { spec } = await operator();
    expect((await checkout.deploy()).exitCode).toBe(0);
    const [{ image }] = (await operator()).spec.template.spec.containers;
    expect(image).not.toBe(spec.template.spec.containers[0].image);

    const others = { ...spec.template.spec.containers[0], image, command: ['sh', '-c', 'env'] };
    const edit = { spec: { template: { spec: { containers: [others] } } } };
    const { status, body } = await checkout.api.request('PATCH', `${DEPLOYMENTS}/tenantry-operator`, edit, 'deployer');
    expect(status).toBe(403);
    expect(body.message).toContain('this changes containers[0].command.');
    // Nor makes one, nor takes it away.
    expect(await answer('deployer', 'DELETE', `${DEPLOYMENTS}/tenantry-operator`)).toBe(403);
    expect(await answer('deployer', 'PATCH', '/api/v1/namespaces/tenantry-system/serviceaccounts/default')).toBe(403);
    // One that somebody took away comes back with the next deploy.
    expect(await answer('admin', 'DELETE', `${DEPLOYMENTS}/tenantry-operator`)).toBe(200);
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await operator()).spec.template.spec.containers[0].image).toBe(image);
  });

  test('a Tenant that is not pinned by digest is refused by the API itself', async () => {
    const { globex } = await checkout.tenants();
    const services = globex?.spec.services.map((service) => ({ ...service, image: 'registry/apiserver:latest' }));
    const { status, body } = await checkout.api.request('PATCH', `${TENANTS}/globex`, { spec: { services } });

    expect(status).toBe(422);
    expect(body.message).toContain('must be pinned by digest');
  });

  test('the database of a Tenant never changes its name', async () => {
    const { status, body } = await checkout.api.request('PATCH', `${TENANTS}/globex`, {
      spec: { database: { name: 'other' } },
    });

    expect(status).toBe(422);
    expect(body.message).toContain("the database's name never changes");
  });

  test('kubectl get tenants answers release, ready and age', async () => {
    const { body } = await checkout.api.request(
      'GET',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev',
    );

    expect(body.spec.versions[0].additionalPrinterColumns.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['Release', 'Ready', 'Age']),
    );
    expect(body.status.conditions).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'Established', status: 'True' })]),
    );
    expect(body.status.conditions).not.toContainEqual(
      expect.objectContaining({ type: 'NonStructuralSchema', status: 'True' }),
    );
  });
});
