import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { parseReference } from '../../lib/images/pinned-image';
import { bringUp, type RunningPlatform } from '../../local/checkout';
import { environmentFor } from '../../local/environment';
import type { Identity } from '../../local/parts/identity';
import { down } from '../../local/platform/platform';
import { type Published, publish } from '../../local/publish';
import { KubernetesApi } from './kubernetes-api';

const PROJECT = join(__dirname, '../..');

export interface RunOptions {
  /** As whom to talk to the cluster. Default: what the platform file says, the deployer. */
  readonly as?: Identity;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with what it writes to standard error, as it comes. */
  readonly onError?: (text: string) => void;
  /** Called with the process once it is started. */
  readonly onStart?: (child: ChildProcess) => void;
}

export interface Run {
  readonly exitCode: number;
  /** What a program that reads the answer gets. */
  readonly stdout: string;
  /** Standard output and error as they came, without colours. */
  readonly output: string;
  /** The same in one line: Terraform frames its messages, and breaks them wherever a line is full. */
  readonly text: string;
}

/** A checkout of this project with a local platform of its own, which ends with the process of the test. */
export class Checkout {
  private constructor(
    readonly root: string,
    readonly platform: RunningPlatform,
  ) {}

  /** All files of the project as they are now, with the packages that are installed here, and the platform up. */
  static async create(): Promise<Checkout> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-')));
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: PROJECT,
    });
    for (const file of files.toString().split('\0').filter(Boolean)) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      cpSync(join(PROJECT, file), join(root, file));
    }
    symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'));
    return new Checkout(root, await bringUp(root, { attached: true }));
  }

  async remove(): Promise<void> {
    await down(this.root);
    rmSync(this.root, { recursive: true, force: true });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    this.write(file, text.replace(from, to));
  }

  delete(file: string): void {
    rmSync(join(this.root, file));
  }

  list(folder: string): string[] {
    return readdirSync(join(this.root, folder));
  }

  /** Publishes a new commit of a service, as the workflow of its repository would. */
  publish(service: string, release = this.platform.platform.release): Promise<Published> {
    return publish(this.platform.registry, { service, release });
  }

  /** Deploys the platform for the first time; fails with what the command said last, which is why. */
  async start(): Promise<void> {
    const { exitCode, output } = await this.run('npm start');
    if (exitCode !== 0) throw new Error(`npm start ended with ${exitCode}:\n${output.slice(-6_000)}`);
  }

  deploy(options?: RunOptions): Promise<Run> {
    return this.run('node cli/tenantry.js deploy --auto-approve', options);
  }

  /** Runs a command as a person in this checkout would. Never fails by itself: look at the exit code. */
  run(command: string, { as, env = {}, onError, onStart }: RunOptions = {}): Promise<Run> {
    // As npx resolves it, which takes npx a second each time.
    const [program = '', ...args] = command.replace(/^npx tenantry/, 'node cli/tenantry.js').split(' ');
    const platform = environmentFor(this.platform.record, as);
    return new Promise((resolve) => {
      const options = { cwd: this.root, env: { ...platform, CI: 'true', ...env }, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile(program, args, options, (error, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        const output = stripVTControlCharacters(`${stdout}${stderr}`);
        resolve({ exitCode, stdout, output, text: output.replace(/[│\s]+/g, ' ') });
      });
      onStart?.(child);
      if (onError) child.stderr?.on('data', onError);
    });
  }

  /** The Kubernetes API, to look at and to meddle with. */
  get api(): KubernetesApi {
    return new KubernetesApi(this.platform.record.kubernetes.kubeconfig);
  }

  /** The Tenants that are live, by name. */
  async tenants(): Promise<Readonly<Record<string, LiveTenant>>> {
    const { body } = await this.api.request('GET', '/apis/tenantry.dev/v1/tenants');
    const items: readonly LiveTenant[] = body.items ?? [];
    return Object.fromEntries(items.map((tenant) => [tenant.metadata.name, tenant]));
  }

  /** What runs: `tenant service` and the digest it is pinned to. */
  async digests(): Promise<Readonly<Record<string, string>>> {
    const tenants = Object.values(await this.tenants());
    return Object.fromEntries(
      tenants.flatMap(({ metadata, spec }) =>
        spec.services.map(({ name, image }) => [`${metadata.name} ${name}`, parseReference(image).digest]),
      ),
    );
  }
}
