import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one `terraform apply` did. */
export interface Applied {
  readonly exitCode: number;
  /** As Terraform began them: `update tenant-amber`. */
  readonly actions: readonly string[];
  readonly errors: readonly string[];
}

/** Terraform itself, with the state in a folder and no provider but the one that is built in: a run takes a fifth of a second. */
export class TerraformFolder {
  private constructor(private readonly path: string) {}

  static async create(): Promise<TerraformFolder> {
    const folder = new TerraformFolder(mkdtempSync(join(tmpdir(), 'tenantry-terraform-')));
    writeFileSync(join(folder.path, 'cdk.tf.json'), JSON.stringify({ terraform: {} }));
    const { exitCode, stdout } = await folder.run('init');
    if (exitCode !== 0) throw new Error(stdout);
    return folder;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** The whole state, to come back to. */
  get state(): string | undefined {
    try {
      return readFileSync(join(this.path, 'terraform.tfstate'), 'utf8');
    } catch {
      return undefined;
    }
  }

  set state(text: string | undefined) {
    const file = join(this.path, 'terraform.tfstate');
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }

  async apply(configuration: object, ...options: readonly string[]): Promise<Applied> {
    writeFileSync(join(this.path, 'cdk.tf.json'), JSON.stringify(configuration));
    const { exitCode, stdout } = await this.run('apply', '-auto-approve', '-json', '-parallelism=1', ...options);
    const events = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Event);
    return {
      exitCode,
      actions: events.flatMap(({ type, hook }) =>
        type === 'apply_start' && hook ? [`${hook.action} ${hook.resource.resource_name}`] : [],
      ),
      errors: events.flatMap((event) => (event['@level'] === 'error' ? [event['@message']] : [])),
    };
  }

  /** Outputs as Terraform evaluates them. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const { stdout } = await this.run('output', '-json');
    const outputs = JSON.parse(stdout) as Readonly<Record<string, { readonly value: unknown }>>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  private run(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly stdout: string }> {
    const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null' };
    return new Promise((resolve) => {
      execFile('terraform', args, { cwd: this.path, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
        resolve({ exitCode: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout });
      });
    });
  }
}

interface Event {
  readonly '@level': string;
  readonly '@message': string;
  readonly type: string;
  readonly hook?: { readonly action: string; readonly resource: { readonly resource_name: string } };
}
