import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { listTenants } from '../../lib/fleet/read-tenants';
import { readOperatorManifests } from '../../lib/stacks/operator-manifests';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import type { Identity } from '../../local/parts/identity';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { until } from '../until';
import { Checkout, type Run } from './checkout';

describe('a cluster without Terraform', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
  });
  afterAll(() => checkout?.remove());

  test('has no tenants before it knows what a Tenant is', async () => {
    const { kubeconfig } = checkout.platform.record.kubernetes;
    expect(await listTenants({ kubeconfig, context: 'admin' })).toEqual([]);
    expect((await checkout.run('npx tenantry status', { as: 'admin' })).output).toContain(
      'No tenant is in the cluster.',
    );
  });

  test('takes the files of operator/deploy in their order, as kubectl apply -f sends them', async () => {
    for (const object of readOperatorManifests(join(checkout.root, 'operator/deploy'))) {
      const { status, body } = await checkout.api.create(object);
      expect({ kind: object.kind, name: object.metadata.name, status, message: body.message }).toMatchObject({
        status: 201,
      });
    }
    await until('there is a definition of Tenant', async () => {
      return (await checkout.api.request('GET', '/apis/tenantry.dev/v1/tenants')).status === 200;
    });
    const amber = tenantManifest(tenant('amber'), imagesFor([tenant('amber')]));
    expect((await checkout.api.request('POST', '/apis/tenantry.dev/v1/tenants', amber)).status).toBe(201);
  });

  test('is read in EKS with its endpoint from AWS and a token of the aws command', async () => {
    const { exitCode, stdout } = await statusInEks(checkout, tokenOf(checkout, 'deployer'));
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).rows.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['amber', 'amber']);
  });

  test('says in EKS that it does not know a token', async () => {
    const { exitCode, output } = await statusInEks(checkout, 'nobody');
    expect(output).toContain(
      'cannot read the Tenants of the EKS cluster acme in eu-central-1: it does not know these credentials (401)',
    );
    expect(exitCode).toBe(2);
  });
});

function tokenOf(checkout: Checkout, identity: Identity): string {
  const { users } = parse(checkout.read('.local/kubeconfig'));
  return users.find(({ name }: { name: string }) => name === identity).user.token;
}

/** Asks for the status of the checkout's cluster as if it were in EKS: AWS describes it, and the `aws` on the PATH gives the token. */
async function statusInEks(checkout: Checkout, token: string): Promise<Run> {
  const platform = checkout.read('local/platform.yaml').replace(/kubeconfig: .*\n\s+context: .*\n/, 'eks: acme\n');
  checkout.write('local/eks.yaml', platform);
  const [{ cluster }] = parse(checkout.read('.local/kubeconfig')).clusters;
  const described = {
    name: 'acme',
    endpoint: cluster.server,
    certificateAuthority: { data: cluster['certificate-authority-data'] },
  };
  const aws = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ cluster: described }));
  });
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
  const credential = { apiVersion: 'client.authentication.k8s.io/v1beta1', kind: 'ExecCredential', status: { token } };
  const asked = 'eks get-token --cluster-name acme --region eu-central-1';
  mkdirSync(join(checkout.root, 'bin'), { recursive: true });
  checkout.write('bin/aws', `#!/bin/sh\n[ "$*" = "${asked}" ] && echo '${JSON.stringify(credential)}'\n`);
  chmodSync(join(checkout.root, 'bin/aws'), 0o755);
  try {
    return await checkout.run('npx tenantry --platform local/eks.yaml status --json', {
      env: {
        PATH: `${join(checkout.root, 'bin')}${delimiter}${process.env.PATH}`,
        AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
      },
    });
  } finally {
    aws.close();
  }
}
