import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import providerPackage from '@cdktf/provider-kubernetes/package.json';
import { run } from '../processes/run';
import { Artefact } from './artefact';
import { goPlatform } from './go-platform';
import { goBuild } from './go-tool';

/** The provider that the bindings here were made for: `registry.terraform.io/hashicorp/kubernetes`, and its version. */
export const { name: PROVIDER_ADDRESS, version: PROVIDER_VERSION } = providerPackage.cdktf.provider;

/** Enough for a download over a slow line; a registry that can't be reached is given up much sooner, by Terraform itself. */
const DOWNLOAD_TIMEOUT = 120_000;

const STAND_IN_FLAGS = ['-trimpath', '-ldflags=-s -w'];

/** The real provider, from its registry. A Terraform mirror. */
export function realProvider(): Artefact {
  return new Artefact(
    `terraform-provider-kubernetes-${PROVIDER_VERSION}`,
    [PROVIDER_ADDRESS, goPlatform()],
    async (output, scratch) => {
      const required = `terraform {\n  required_providers {\n    kubernetes = {\n      source  = "${PROVIDER_ADDRESS}"\n      version = "${PROVIDER_VERSION}"\n    }\n  }\n}\n`;
      writeFileSync(join(scratch, 'versions.tf'), required);
      writeFileSync(join(scratch, 'terraform.rc'), '');
      await run(['terraform', 'providers', 'mirror', `-platform=${goPlatform()}`, output], {
        cwd: scratch,
        env: {
          ...process.env,
          TF_CLI_CONFIG_FILE: join(scratch, 'terraform.rc'),
          TF_REGISTRY_DISCOVERY_RETRY: '0',
          CHECKPOINT_DISABLE: '1',
        },
        timeout: DOWNLOAD_TIMEOUT,
      });
    },
  );
}

/** What stands in for it, built from its sources here. A Terraform mirror too. */
export function standIn(): Artefact {
  const folder = join(__dirname, '../provider-stand-in');
  const sources = readdirSync(folder)
    .filter((name) => /\.(go|mod|sum)$/.test(name) && !name.endsWith('_test.go'))
    .sort();
  const determinedBy = sources.flatMap((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  return new Artefact(
    `terraform-provider-kubernetes-stand-in-${PROVIDER_VERSION}`,
    [...determinedBy, ...STAND_IN_FLAGS, PROVIDER_VERSION, goPlatform()],
    async (output, scratch) => {
      const bin = join(output, PROVIDER_ADDRESS, PROVIDER_VERSION, goPlatform());
      mkdirSync(bin, { recursive: true });
      const binary = join(bin, `terraform-provider-kubernetes_v${PROVIDER_VERSION}`);
      await goBuild({ folder, package: '.', flags: STAND_IN_FLAGS, output: binary, scratch });
    },
  );
}
