import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listTenants } from '../../lib/fleet/live-tenant';

const TENANTS = { items: [{ metadata: { name: 'birch' } }, { metadata: { name: 'amber' } }] };

/** Asks for the Tenants of an API server that answers as told; its requests are counted. */
async function listFrom(answer: (request: number) => { status: number; headers?: object; body: object }) {
  let requests = 0;
  const listener: RequestListener = (_, response) => {
    const { status, headers, body } = answer(++requests);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-kubeconfig-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  try {
    return { names: (await listTenants({ kubeconfig })).map(({ metadata }) => metadata.name), requests };
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
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

  test('cannot be read where the API server fails, and its own words are passed on', async () => {
    const broken = listFrom(() => ({ status: 500, body: { message: 'etcdserver: leader changed' } }));
    await expect(broken).rejects.toThrow(/cannot read the Tenants .*: it answered 500: etcdserver: leader changed$/);
  });
});
