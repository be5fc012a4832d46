import { join, resolve } from 'node:path';
import { loadConfiguration } from '../../lib/config/load';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { tenantSpec } from '../../lib/tenant/spec';
import { imagesFor } from './pinned-platform';

const ROOT = resolve(__dirname, '../..');
const PLATFORMS = ['local/platform.yaml', 'examples/environments/production.yaml'];

// Whatever a platform file says of a service beside that, such as who builds it, the API server would refuse.
test.each(PLATFORMS)('a Tenant of %s has what its definition has, and nothing else', (file) => {
  const { tenants } = loadConfiguration(join(ROOT, file));
  const images = imagesFor(tenants);
  for (const tenant of tenants) {
    const { spec } = tenantManifest(tenant, images);
    expect(tenantSpec.parse(spec)).toEqual(spec);
  }
  expect(tenants.length).toBeGreaterThan(0);
});
