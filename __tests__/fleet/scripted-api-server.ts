import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An API server of which a test says how it answers for the Tenants, over HTTP alone. */
export class ScriptedApiServer {
  /** Whatever is listed. */
  items: readonly object[] = [];
  version = 1;
  lists = 0;
  /** The query of every watch that was asked for. */
  readonly watches: URLSearchParams[] = [];
  /** What answers a list and a watch, in place of the usual. */
  onList: Answer = (_, response) => send(response, 200, { metadata: { resourceVersion: '1' }, items: this.items });
  onWatch: Answer = (_, response) => this.follow(response);
  /** What answers for the groups of the API. */
  onGroups: Answer = (_, response) =>
    send(response, 200, { kind: 'APIGroupList', groups: this.groups.map((name) => ({ name, versions: [] })) });
  groups: readonly string[] = ['apps'];
  private readonly open = new Set<ServerResponse>();

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    readonly kubeconfig: string,
  ) {}

  static async start(): Promise<ScriptedApiServer> {
    const server = createServer((request, response) => scripted.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const folder = mkdtempSync(join(tmpdir(), 'tenantry-kubeconfig-'));
    const { port } = server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
    const kubeconfig = join(folder, 'kubeconfig');
    const content = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 'secret' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    };
    writeFileSync(kubeconfig, JSON.stringify(content));
    const scripted = new ScriptedApiServer(server, folder, kubeconfig);
    return scripted;
  }

  /** Tells all that watch; the next list says the same only if `items` is changed too. */
  tell(type: string, object: object): void {
    const metadata = { resourceVersion: String(++this.version), ...(object as { metadata?: object }).metadata };
    for (const response of this.open) response.write(`${JSON.stringify({ type, object: { ...object, metadata } })}\n`);
  }

  /** Ends every watch in order, as a server does after its time. */
  endWatches(): void {
    for (const response of this.open) response.end();
  }

  /** Breaks every connection off. */
  breakWatches(): void {
    for (const response of this.open) response.destroy();
  }

  get watching(): number {
    return this.open.size;
  }

  stop(): void {
    this.breakWatches();
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server');
    if (/^\/apis\/?$/.test(pathname)) this.onGroups(request, response);
    else if (query.get('watch') === 'true') {
      this.watches.push(query);
      this.onWatch(request, response);
    } else {
      this.lists++;
      this.onList(request, response);
    }
  }

  private follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    this.open.add(response);
    response.on('close', () => this.open.delete(response));
  }
}

export function send(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
