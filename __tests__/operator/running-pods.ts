import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Lab } from './lab';
import { type Login, loginOf } from './login';

/** How often one logs in once its pod is gone. */
const OUTLIVES = 15;

interface Container {
  readonly pod: string;
  readonly login: Login;
  left: number;
}

interface Pod {
  readonly metadata: { readonly uid: string; readonly name: string };
  readonly status: { readonly phase: string };
}

/**
 * The services of tenants, as kwok's pods do not run them: each pod logs in, with what the Secret says when the pod is first seen, again and
 * again with a new connection each time, until there is no such pod any more; and some times more, for kwok ends pods at once, and a container
 * that is ended by force may outlive its pod.
 */
export class RunningPods {
  /** Logins that were refused. There should be none. */
  readonly refused: string[] = [];
  /** How often a user was let in. */
  readonly letIn = new Map<string, number>();
  private readonly tenants = new Map<string, Map<string, Container>>();
  private stopped = false;
  private readonly running: Promise<void>;

  /** @param port - on this machine, of what they log in to. Default: the server itself. */
  constructor(
    private readonly lab: Lab,
    private readonly port = lab.record.postgres.port,
  ) {
    this.running = this.run();
  }

  /** From now on. Its database has a table `visits`. */
  watch(tenant: string): void {
    this.tenants.set(tenant, new Map());
  }

  forget(tenant: string): void {
    this.tenants.delete(tenant);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      for (const [tenant, containers] of this.tenants) await this.round(tenant, containers);
      await sleep(50);
    }
  }

  private async round(tenant: string, containers: Map<string, Container>): Promise<void> {
    const { body } = await this.lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}/pods`);
    const pods: readonly Pod[] = body.items.filter(({ status }: Pod) => status.phase === 'Running');
    for (const { metadata } of pods) {
      const login = containers.get(metadata.uid)?.login ?? (await loginOf(this.lab, tenant));
      containers.set(metadata.uid, { pod: metadata.name, login, left: OUTLIVES });
    }
    const live = new Set(pods.map(({ metadata }) => metadata.uid));
    await Promise.all(
      [...containers].map(async ([uid, container]) => {
        await this.visit(tenant, container.pod, container.login);
        if (!live.has(uid)) container.left -= 1;
        if (container.left === 0) containers.delete(uid);
      }),
    );
  }

  private async visit(tenant: string, pod: string, login: Login): Promise<void> {
    const { host } = this.lab.record.postgres;
    const client = new Client({ host, port: this.port, ...login, database: `tenant_${tenant}` });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('INSERT INTO visits VALUES ($1)', [pod]);
      this.letIn.set(login.user, (this.letIn.get(login.user) ?? 0) + 1);
    } catch (error) {
      this.refused.push(`${pod} as ${login.user}: ${(error as Error).message}`);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
