import { listTenants } from '../../lib/fleet/read-tenants';
import { ScriptedApiServer, send } from './scripted-api-server';

const TENANTS = { items: [{ metadata: { name: 'birch' } }, { metadata: { name: 'amber' } }] };

type Told = { status: number; headers?: object; body: object };

/** Asks for the Tenants of an API server that answers as told; its requests are counted. */
async function listFrom(answer: (request: number) => Told, groups?: Told | readonly string[]) {
  const server = await ScriptedApiServer.start();
  if (groups && 'status' in groups) server.onGroups = (_, response) => send(response, groups.status, groups.body);
  else if (groups) server.groups = groups;
  server.onList = (_, response) => {
    const { status, headers, body } = answer(server.lists);
    send(response, status, body, headers);
  };
  try {
    const tenants = await listTenants({ kubeconfig: server.kubeconfig });
    return { names: tenants.map(({ metadata }) => metadata.name), requests: server.lists };
  } finally {
    server.stop();
  }
}

describe('the Tenants of a cluster', () => {
  test('come by one request, sorted by name', async () => {
    expect(await listFrom(() => ({ status: 200, body: TENANTS }))).toEqual({ names: ['amber', 'birch'], requests: 1 });
  });

  test.each([429, 503])(
    'are asked for again when the API server answers %s and says when to come back',
    async (status) => {
      const busy = { status, headers: { 'retry-after': '1' }, body: { message: 'storage is (re)initializing' } };
      const answered = await listFrom((request) => (request === 1 ? busy : { status: 200, body: TENANTS }));
      expect(answered).toEqual({ names: ['amber', 'birch'], requests: 2 });
    },
  );

  test('are none where the cluster does not know what a Tenant is', async () => {
    expect(await listFrom(() => ({ status: 404, body: { message: 'not found' } }))).toEqual({ names: [], requests: 1 });
  });

  test.each([
    ['answers 404 to everything', { status: 404, body: { message: 'page not found' } }, 'it has no /apis'],
    ['answers anything to anything', { status: 200, body: { hello: 'world' } }, 'its /apis is no list of API groups'],
  ])('are not none where something %s', async (_, groups, why) => {
    await expect(listFrom(() => ({ status: 404, body: {} }), groups)).rejects.toThrow(
      `this address is not a Kubernetes API (${why}). Look at the server and its path in the kubeconfig`,
    );
  });

  test('are not none where their list is no list', async () => {
    const error = listFrom(() => ({ status: 200, body: { hello: 'world' } }));
    await expect(error).rejects.toThrow(
      'this address is not a Kubernetes API (what it gives for the Tenants is no list)',
    );
  });

  test('are not none where the cluster knows their group, and answers 404 for them', async () => {
    const error = listFrom(() => ({ status: 404, body: {} }), ['tenantry.dev']);
    await expect(error).rejects.toThrow('it knows the group tenantry.dev, and answers 404 for its Tenants');
  });

  test('cannot be read at a path that the API server finds no kind in, and not for lack of rights', async () => {
    const said = (what: string) => `forbidden: User "deployer" cannot ${what}`;
    const refusing = (what: string) => listFrom(() => ({ status: 403, body: { message: said(what) } }));
    await expect(refusing('get path "/wrong/apis/tenantry.dev/v1/tenants"')).rejects.toThrow('not a Kubernetes API');
    await expect(refusing('list resource "tenants" in API group "tenantry.dev"')).rejects.toThrow('tenantry:planner');
  });

  test('cannot be read where the API server fails, and its own words are passed on', async () => {
    const broken = listFrom(() => ({ status: 500, body: { message: 'etcdserver: leader changed' } }));
    await expect(broken).rejects.toThrow(/cannot read the Tenants .*: it answered 500: etcdserver: leader changed$/);
  });

  test('cannot be read where something else answers, whose words do nothing to a terminal', async () => {
    const message = `\x1b[2J${'x'.repeat(5_000)}\n::error::x`;
    const error = await listFrom(() => ({ status: 502, body: { message } })).catch((error: Error) => error);
    expect((error as Error).message).toMatch(/: it answered 502: x{999}…$/);
  });
});
