import { ExplainedError } from '../../lib/text/explained-error';
import { run } from '../processes/run';
import { findExecutable } from './executable';
import { findPython, PYTHON_NEEDED, type Python } from './python';
import { isAtLeast } from './version';

/** 1.10 brought the S3 backend's own lock file. */
const TERRAFORM_NEEDED = '1.10';
/** From 1.21 on, Go fetches the newer toolchain that a go.mod asks for by itself. */
const GO_NEEDED = '1.21';

/** Thrown when programs are missing or too old. Names all of them, and how to get each. */
export class MissingPrerequisites extends ExplainedError {
  override readonly name = 'MissingPrerequisites';

  constructor(readonly missing: readonly string[]) {
    super(
      `The local platform needs what this machine does not have:\n${missing.map((one) => `  - ${one}`).join('\n')}\nInstall it, then run the same command again.`,
    );
  }
}

export interface Needs {
  /** Only where something has to be built. */
  readonly go: boolean;
}

/** Checks all prerequisites before anything starts; returns what was looked up on the way. */
export async function checkPrerequisites(needs: Needs): Promise<{ readonly python: Python }> {
  // Everything else is started by it.
  if (!findExecutable('sh')) throw new MissingPrerequisites(withoutShell(needs));

  const [python, ...missing] = await Promise.all([
    findPython(),
    terraformMissing(),
    needs.go ? goMissing() : undefined,
  ]);
  const all = [python ? undefined : PYTHON_MISSING, ...missing].filter((one) => one !== undefined);
  if (!python || all.length > 0) throw new MissingPrerequisites(all);
  return { python };
}

const PYTHON_MISSING = `Python ${PYTHON_NEEDED} or newer with venv: your package manager (on Debian and Ubuntu: apt install python3 python3-venv)`;
const TERRAFORM_MISSING = `Terraform ${TERRAFORM_NEEDED} or newer: https://developer.hashicorp.com/terraform/install`;
export const GO_MISSING = `Go ${GO_NEEDED} or newer, to build parts of the platform once: https://go.dev/doc/install (KUBEBUILDER_ASSETS can name a folder with etcd and kube-apiserver, which take longest to build)`;

function withoutShell(needs: Needs): string[] {
  const others = [
    findExecutable('python3') ? undefined : PYTHON_MISSING,
    findExecutable('terraform') ? undefined : TERRAFORM_MISSING,
    needs.go && !findExecutable('go') ? GO_MISSING : undefined,
  ];
  return ['sh, a POSIX shell, in PATH', ...others.filter((one) => one !== undefined)];
}

async function terraformMissing(): Promise<string | undefined> {
  const version = await versionOf('terraform', ['version', '-json'], /"terraform_version": "([\d.]+)/);
  return tooOld('Terraform', version, TERRAFORM_NEEDED, TERRAFORM_MISSING);
}

async function goMissing(): Promise<string | undefined> {
  const version = await versionOf('go', ['version'], / go([\d.]+)/);
  return tooOld('Go', version, GO_NEEDED, GO_MISSING);
}

function tooOld(name: string, version: string | undefined, needed: string, how: string): string | undefined {
  if (version === undefined) return how;
  return isAtLeast(version, needed) ? undefined : `${how} (${name} here is ${version})`;
}

async function versionOf(program: string, argv: readonly string[], pattern: RegExp): Promise<string | undefined> {
  if (!findExecutable(program)) return undefined;
  try {
    const output = await run([program, ...argv], { env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_ARGS: '' } });
    return output.match(pattern)?.[1];
  } catch {
    return undefined;
  }
}
