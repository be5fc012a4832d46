import { createHash } from 'node:crypto';
import { DataResource, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { TenantManifest } from './tenant-manifest';

export interface RingGateProps {
  readonly ring: string;
  /** What the ring was given: the gate is asked again whenever that changes, or failed before. */
  readonly manifests: readonly TenantManifest[];
  /** The ring's tenants: the gate opens only after they were applied. */
  readonly dependsOn: readonly ITerraformDependable[];
  readonly verify: VerifyCommand;
}

/** How Terraform calls `tenantry verify` from the folder of a stack. */
export interface VerifyCommand {
  /** Folder of this program, from the folder of the stack. */
  readonly workingDirectory: string;
  /** From the folder of this program. */
  readonly platformFile: string;
  /** From the folder of this program. */
  readonly lock: string;
}

/**
 * Stands between two rings. A gate that does not open taints only itself: the rings behind it keep what they run, and the next run
 * tries again.
 */
export class RingGate extends DataResource {
  constructor(scope: Construct, id: string, { ring, manifests, dependsOn, verify }: RingGateProps) {
    super(scope, id, {
      triggersReplace: { given: fingerprint(manifests) },
      dependsOn: [...dependsOn],
      provisioners: [
        {
          type: 'local-exec',
          workingDir: verify.workingDirectory,
          command: `node cli/tenantry.js verify --ring ${ring}`,
          environment: { PLATFORM: verify.platformFile, TENANTRY_LOCK: verify.lock },
        },
      ],
    });
  }
}

function fingerprint(manifests: readonly TenantManifest[]): string {
  return createHash('sha256').update(JSON.stringify(manifests)).digest('hex');
}
