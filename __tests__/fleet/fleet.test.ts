import { ClusterUnreadable } from '../../lib/fleet/cluster-unreadable';
import { divergences, strays } from '../../lib/fleet/divergence';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { imagesFor, tenant } from '../stacks/pinned-platform';

const tenants = [tenant('amber', 'canary'), tenant('birch')];
const images = imagesFor(tenants);

function live(name: string, build = 'first', status?: LiveTenant['status']): LiveTenant {
  const { spec } = tenantManifest(tenant(name), imagesFor([tenant(name)], build));
  const metadata = { name, generation: 2, creationTimestamp: '2026-11-22T06:00:00Z' };
  return { metadata, spec, ...(status && { status }) };
}

describe('what a run gave and what is live', () => {
  const birch = tenant('birch');

  test('do not differ when the tenant has every digest', () => {
    expect(divergences(birch, images, live('birch'))).toEqual([]);
  });

  test('differ by each service that has another digest, which is told by its commit', () => {
    const [was, wanted] = [live('birch', 'second'), live('birch')].map(({ spec }) => spec.services[0]);
    const named = (service = was) =>
      `${service?.commit.slice(0, 7)} (apiserver@${service?.image.match(/sha256:.{12}/)})`;
    expect(divergences(birch, images, live('birch', 'second'))).toEqual([
      {
        tenant: 'birch',
        service: 'apiserver',
        message: `is on commit ${named(was)}, and this run deploys commit ${named(wanted)}`,
      },
      { tenant: 'birch', service: 'worker', message: expect.stringContaining('(jobs/worker@sha256:') },
    ]);
  });

  test('differ by a service that a tenant lacks', () => {
    const { spec, ...rest } = live('birch');
    expect(divergences(birch, images, { ...rest, spec: { ...spec, services: spec.services.slice(1) } })).toEqual([
      {
        tenant: 'birch',
        service: 'apiserver',
        message: expect.stringContaining('is on nothing, and this run deploys'),
      },
    ]);
  });

  test('differ by a service that the run does not deploy', () => {
    const { services, ...rest } = birch;
    expect(divergences({ ...rest, services: services.slice(0, 1) }, images, live('birch'))).toEqual([
      { tenant: 'birch', service: 'worker', message: 'is still there, and this run does not deploy it' },
    ]);
  });
});

describe('a stray', () => {
  test('is a tenant that is live and in use, and has no file', () => {
    expect(strays(tenants, [live('amber'), live('birch')])).toEqual([]);
    expect(strays(tenants, [live('amber'), live('stranger')])).toEqual([
      { tenant: 'stranger', message: expect.stringContaining('Bring stranger.yaml back') },
    ]);
  });

  test('is no tenant that was decommissioned: that is how one leaves', () => {
    const leaving = live('stranger');
    expect(strays(tenants, [{ ...leaving, spec: { ...leaving.spec, decommission: true } }])).toEqual([]);
  });
});

describe('a cluster that cannot be read', () => {
  const cluster = { kubeconfig: '/home/me/.kube/config', context: 'production' };

  test('is named with its kubeconfig and context', () => {
    expect(new ClusterUnreadable(cluster, 'the Tenants', new Error('connect ECONNREFUSED')).message).toBe(
      'cannot read the Tenants of the cluster in /home/me/.kube/config, context production: connect ECONNREFUSED',
    );
  });

  test('is named as EKS has it', () => {
    const message = new ClusterUnreadable({ eks: 'acme', region: 'eu-west-1' }, 'the operator', new Error('x')).message;
    expect(message).toContain('the operator of the EKS cluster acme in eu-west-1');
  });

  test('says that it hangs', () => {
    const hung = Object.assign(new Error('The operation was aborted'), { name: 'AbortError' });
    expect(new ClusterUnreadable(cluster, 'the Tenants', hung).message).toContain('did not answer within 30 s');
  });

  test('says what to do about credentials that it does not know', () => {
    expect(new ClusterUnreadable(cluster, 'the Tenants', { code: 401 }).message).toContain('Get new ones');
  });

  test('says who may not do what, and whom to ask', () => {
    const body = JSON.stringify({ message: 'User "eve" cannot list resource "tenants"' });
    const { message } = new ClusterUnreadable(cluster, 'the Tenants', { code: 403, body });
    expect(message).toContain('User "eve" cannot list resource "tenants"');
    expect(message).toContain('tenantry:planner');
  });
});
