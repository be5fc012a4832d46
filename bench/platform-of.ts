import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a platform of three services and so many tenants, one in ten on a release of its own; returns the path of its file. */
export function platformOf(tenants: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
  mkdirSync(join(folder, 'tenants'));
  for (let index = 0; index < tenants; index++) {
    const release = index % 10 === 9 ? 'release: releases/0.0.3\n' : '';
    const ring = index % 10 === 0 ? 'ring: canary\n' : '';
    writeFileSync(join(folder, 'tenants', `tenant-${index}.yaml`), `host: t${index}.example.com\n${release}${ring}`);
  }
  const file = join(folder, 'platform.yaml');
  writeFileSync(file, PLATFORM);
  return file;
}

const PLATFORM = `
name: bench
release: releases/0.0.2
github: acme/platform
registry: { account: "123456789012", region: eu-central-1 }
services:
  web-client: { github: acme/web-client, port: 3000 }
  tenant-auth: { github: acme/tenant-auth, port: 4000 }
  apiserver: { github: acme/apiserver, port: 8080 }
cluster: { kubeconfig: kubeconfig }
state: { bucket: bench-state }
rings: [canary, general]
`;
