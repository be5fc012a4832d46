import { createHash } from 'node:crypto';
import { DataResource, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

export interface GateProps {
  /** What `tenantry` is asked, such as `verify --ring canary`. The gate opens when it ends with exit code 0. */
  readonly question: string;
  /** What the answer is about: the gate is asked again whenever that changes, or when it did not open before. */
  readonly about: unknown;
  /** What must be applied before the question makes sense. */
  readonly dependsOn?: readonly ITerraformDependable[];
  readonly paths: GatePaths;
}

/** Where a gate finds what it needs, from the folder of its stack. */
export interface GatePaths {
  /** Folder of this program, from the folder of the stack. */
  readonly workingDirectory: string;
  /** From the folder of this program. */
  readonly platformFile: string;
  /** From the folder of this program. */
  readonly lock: string;
}

/**
 * Stands before resources that depend on it. A gate that does not open taints only itself: what is behind it keeps what it has, and
 * the next run asks again.
 */
export class Gate extends DataResource {
  constructor(scope: Construct, id: string, { question, about, dependsOn = [], paths }: GateProps) {
    super(scope, id, {
      triggersReplace: { about: createHash('sha256').update(JSON.stringify(about)).digest('hex') },
      dependsOn: [...dependsOn],
      provisioners: [
        {
          type: 'local-exec',
          workingDir: paths.workingDirectory,
          command: `node cli/tenantry.js ${question}`,
          // In Terraform's output nobody reads a workflow command, which would only be in the way there.
          environment: { PLATFORM: paths.platformFile, TENANTRY_LOCK: paths.lock, GITHUB_ACTIONS: 'false' },
        },
      ],
    });
  }
}
