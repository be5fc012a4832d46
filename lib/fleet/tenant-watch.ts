import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Cluster } from '../config/platform';
import { DEADLINE } from './cluster-client';
import { ClusterUnreadable } from './cluster-unreadable';
import type { LiveTenant } from './live-tenant';
import { retryAfter } from './read-cluster';
import { readTenants } from './read-tenants';
import { watchEvents } from './watch-events';

const PATH = '/apis/tenantry.dev/v1/tenants';

/** Seconds after which the API server ends a watch, and it's begun anew: one that went deaf would stay so for ever. Below the deadline. */
const WATCH_FOR = 20;

/** Milliseconds for which an API server may refuse before that is its last word: one that has just started does not know anybody's rights. */
const REFUSAL = 10_000;

/** Milliseconds before a watch that ended is begun anew, and for which news are gathered: they come in crowds. */
const PAUSE = 500;
const GATHER = 100;

/** The Tenants of a cluster, kept current in memory: by one list, and one watch from there on. */
export class TenantWatch {
  private readonly tenants = new Map<string, LiveTenant>();
  /** Of the cluster's state that is known here; none where it does not know what a Tenant is. */
  private version: string | undefined;
  private config: KubeConfig | undefined;
  private readonly closing = new AbortController();
  private hasNews = false;
  private wake: () => void = () => undefined;
  private lost: Loss | undefined;

  private constructor(private readonly cluster: Cluster) {}

  /**
   * Lists the Tenants, and follows them from then on.
   *
   * @throws ClusterUnreadable when the cluster does not answer, or refuses.
   */
  static async open(cluster: Cluster): Promise<TenantWatch> {
    const watch = new TenantWatch(cluster);
    await watch.list();
    watch.follow();
    return watch;
  }

  /** Sorted by name. */
  get all(): LiveTenant[] {
    return [...this.tenants.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Why the cluster can't be followed at the moment: what is known is as old as that then. Undefined while it can. */
  get unreadable(): ClusterUnreadable | undefined {
    return this.lost?.why;
  }

  /**
   * Returns when something has changed since the last time, and after `milliseconds` in any case.
   *
   * @throws ClusterUnreadable when the cluster was not heard of for as long as a request may take, or goes on to refuse.
   */
  async change(milliseconds: number): Promise<void> {
    if (!this.hasNews) await this.news(milliseconds);
    if (this.hasNews) await sleep(Math.min(GATHER, milliseconds));
    this.hasNews = false;
    if (this.lost && performance.now() - this.lost.since >= this.lost.limit) throw this.lost.why;
  }

  close(): void {
    this.closing.abort();
  }

  private news(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async list(): Promise<void> {
    const list = await readTenants(this.cluster);
    this.lost = undefined;
    this.config = list?.config;
    this.version = list?.resourceVersion;
    this.tenants.clear();
    for (const tenant of list?.tenants ?? []) this.tenants.set(tenant.metadata.name, tenant);
    this.tell();
  }

  private async follow(): Promise<void> {
    while (!this.closing.signal.aborted) {
      let pause = PAUSE;
      try {
        if (this.version === undefined) await this.list();
        else await this.watch();
      } catch (error) {
        pause = this.failed(error);
      }
      await sleep(pause, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }

  private async watch(): Promise<void> {
    const query = {
      resourceVersion: this.version as string,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_FOR),
    };
    const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(DEADLINE)]);
    const events = await watchEvents<Versioned>(this.config as KubeConfig, PATH, query, signal);
    this.lost = undefined;
    for await (const { type, object } of events) {
      this.version = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') continue;
      if (type === 'DELETED') this.tenants.delete(object.metadata.name);
      else this.tenants.set(object.metadata.name, object);
      this.tell();
    }
  }

  /** What to make of a watch that failed; returns the milliseconds to wait. */
  private failed(error: unknown): number {
    if (this.closing.signal.aborted) return 0;
    const { code } = (error instanceof ClusterUnreadable ? error.cause : error) as { code?: unknown };
    // The API server has forgotten what came after the version that is known here, or what a Tenant is.
    if (code === 410 || code === 404) {
      this.version = undefined;
      return 0;
    }
    const why = error instanceof ClusterUnreadable ? error : new ClusterUnreadable(this.cluster, 'the Tenants', error);
    const limit = code === 401 || code === 403 ? REFUSAL : DEADLINE;
    const since = this.lost?.limit === limit ? this.lost.since : performance.now();
    this.lost = { since, limit, why };
    this.tell();
    return retryAfter(error) ?? PAUSE;
  }

  private tell(): void {
    this.hasNews = true;
    this.wake();
  }
}

interface Loss {
  readonly since: number;
  /** Milliseconds until it is given up. */
  readonly limit: number;
  readonly why: ClusterUnreadable;
}

type Versioned = LiveTenant & { readonly metadata: { readonly resourceVersion: string } };
