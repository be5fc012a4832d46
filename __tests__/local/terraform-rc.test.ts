import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesProvider } from '../../local/programs/kubernetes-provider';
import { terraformRc } from '../../local/programs/terraform-rc';

const PROVIDER: KubernetesProvider = {
  kind: 'stand-in',
  address: 'registry.example/hashicorp/kubernetes',
  version: '2.38.0',
  mirror: '/cache/mirror',
  because: 'no network',
};

test('the Kubernetes provider comes from its mirror, everything else as usual', () => {
  expect(terraformRc(PROVIDER, join(__dirname, 'no such folder'))).toBe(`provider_installation {
  filesystem_mirror {
    path    = "/cache/mirror"
    include = ["registry.example/hashicorp/kubernetes"]
  }
  direct {
    exclude = ["registry.example/hashicorp/kubernetes"]
  }
}
`);
});

test('the folder that Terraform looks into by itself is listed, for all other providers', () => {
  const plugins = mkdtempSync(join(tmpdir(), 'tenantry-plugins-'));
  const rc = terraformRc(PROVIDER, plugins);
  rmSync(plugins, { recursive: true });
  expect(rc).toContain(`  filesystem_mirror {
    path    = "${plugins}"
    exclude = ["registry.example/hashicorp/kubernetes"]
  }
`);
});
