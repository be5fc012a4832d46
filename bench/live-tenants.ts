import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** A cluster's API as far as a synth reads it: so many Tenants, and nothing of the operator. Writes the kubeconfig of a platform beside its file. */
export async function liveTenants(platformFile: string, tenants: number): Promise<{ close(): void }> {
  const items = Array.from({ length: tenants }, (_, index) => ({
    metadata: { name: `tenant-${index}`, generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { services: [] },
  }));
  const answers: Readonly<Record<string, object>> = {
    '/apis': { kind: 'APIGroupList', groups: [{ name: 'tenantry.dev', versions: [] }] },
    '/apis/tenantry.dev/v1/tenants': { metadata: { resourceVersion: '1' }, items },
  };
  const server = createServer((request, response) => {
    const answer = answers[new URL(request.url ?? '/', 'http://localhost').pathname] ?? { resources: [] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = {
    clusters: [{ name: 'bench', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    users: [{ name: 'bench', user: {} }],
    'current-context': 'bench',
  };
  writeFileSync(join(dirname(platformFile), 'kubeconfig'), JSON.stringify(kubeconfig));
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
