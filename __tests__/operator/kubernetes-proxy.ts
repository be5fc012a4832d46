import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type AccessRequest, accessRequests } from './api-rights';
import { describeEvent, describeWrite, isAboutServers, kindOfRequest } from './kubernetes-request';
import { LoopbackProxy } from './loopback-proxy';
import type { Answer, Writes } from './writes';

export interface KubernetesTarget {
  /** `https://host:port`, or http. */
  readonly server: string;
  /** The certificate authority of an https server, as PEM. */
  readonly ca?: string | Buffer;
}

/** Stands before a Kubernetes API, and relays everything as it is, tokens and watches among it. */
export class KubernetesProxy extends LoopbackProxy {
  /** What RBAC was asked for by all requests that came through here, each once, by its JSON; not by those that it refused. */
  readonly accesses = new Map<string, AccessRequest>();
  /** Every read, in the order of the answers: each page of a LIST is one. */
  readonly reads: AccessRequest[] = [];

  constructor(
    writes: Writes,
    private readonly target: KubernetesTarget,
  ) {
    const server = createServer();
    server.keepAliveTimeout = 0; // A connection that is closed for being idle looks like a fault, at random.
    super(server, writes);
    server.on('request', (incoming, outgoing) => {
      this.handle(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** For the kubeconfig. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A request is complete before any of it is forwarded: one that breaks off never reaches the server. */
  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', socket } = incoming;
    const body = await buffer(incoming);
    await this.flowing();
    if (socket.destroyed) return;
    const kind = kindOfRequest(method, url);
    if (kind === 'event') this.writes.recordEvent(describeEvent(body.toString()));
    if (kind !== 'write') return this.relay(await this.forward(incoming, body, outgoing), outgoing);

    const decide = this.writes.record({
      system: 'kubernetes',
      what: describeWrite(method, url, body.toString()),
    });
    const before = await decide('before');
    if (before === 'cut' || socket.destroyed) return void outgoing.destroy();
    if (before !== 'pass') return answerWith(before, outgoing);
    const answer = await this.forward(incoming, body, outgoing);
    const content = await buffer(answer);
    const after = await decide('after');
    await this.flowing();
    if (after === 'cut' || socket.destroyed) return void outgoing.destroy();
    if (after !== 'pass') return answerWith(after, outgoing);
    outgoing.writeHead(answer.statusCode ?? 500, endToEnd(answer.headers)).end(content);
  }

  /** On a connection of its own: none that the server has just closed for being idle. */
  private forward(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<IncomingMessage> {
    const { protocol, hostname, port } = new URL(this.target.server);
    const { host: _, expect: __, ...headers } = endToEnd(incoming.headers);
    if (body.length > 0) headers['content-length'] = body.length;
    const request = protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { hostname, port, method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers };
    return new Promise((resolve, reject) => {
      const onward = request({ ...options, ...(this.target.ca && { ca: this.target.ca }), agent: false }, (answer) => {
        const asked = accessRequests(options.method, options.path, answer.statusCode ?? 0, body.toString());
        for (const access of asked) {
          this.accesses.set(JSON.stringify(access), access);
          if (options.method === 'GET' && !isAboutServers(options.path)) this.reads.push(access);
        }
        resolve(answer);
      });
      onward.on('error', reject);
      outgoing.once('close', () => onward.destroy());
      onward.end(body);
    });
  }

  /** Each piece at once: a watch has no end. */
  private async relay(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const flowing = () => this.flowing();
    await flowing();
    outgoing.writeHead(answer.statusCode ?? 500, endToEnd(answer.headers)).flushHeaders();
    await pipeline(
      answer,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          await flowing();
          yield piece;
        }
      },
      outgoing,
    );
  }
}

function answerWith({ status, headers, body }: Answer, outgoing: ServerResponse): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Without the headers that are about one connection. */
function endToEnd<Headers extends IncomingMessage['headers']>(all: Headers) {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = all;
  return headers as NodeJS.Dict<number | string | string[]>;
}
