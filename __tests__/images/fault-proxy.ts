import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One DescribeImages, as it arrived. */
export interface Asked {
  readonly registryId: string;
  readonly repositoryName: string;
  readonly imageIds: readonly { readonly imageTag: string }[];
}

/** An answer in place of the registry's: a canned one, none at all, or one that breaks off in the middle. */
export type Fault = { readonly status: number; readonly body: unknown } | 'hang' | 'hang in the middle' | 'hang up';

/** An error as AWS words it. */
export function awsError(name: string, message: string, status = 400): Fault {
  return { status, body: { __type: name, message } };
}

/** Stands before an ECR endpoint: counts what is asked, and answers with faults where a test wants them. */
export class FaultProxy {
  /** Every request, in the order of arrival. */
  readonly asked: Asked[] = [];
  /** The most requests that were in flight at once. */
  mostAtOnce = 0;
  /** Decides on each request; undefined lets it through. `count` says how often this repository was asked for, this time included. */
  fault: (asked: Asked, count: number) => Fault | undefined | Promise<Fault | undefined> = () => undefined;
  /** Changes the registry's own answer on its way back. */
  rewrite: (detail: Record<string, unknown>) => Record<string, unknown> = (detail) => detail;

  private readonly server: Server = createServer((incoming, outgoing) => void this.handle(incoming, outgoing));
  private inFlight = 0;

  constructor(private readonly target: () => string) {}

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Forgets what was asked, and lets everything through again. */
  reset(): void {
    this.asked.length = 0;
    this.mostAtOnce = 0;
    this.fault = () => undefined;
    this.rewrite = (detail) => detail;
  }

  /** How often each `repository:tag` was asked for. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { repositoryName, imageIds } of this.asked) {
      for (const { imageTag } of imageIds)
        counts[`${repositoryName}:${imageTag}`] = (counts[`${repositoryName}:${imageTag}`] ?? 0) + 1;
    }
    return counts;
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.inFlight += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.inFlight);
    outgoing.once('close', () => {
      this.inFlight -= 1;
    });
    const body = await text(incoming);
    const asked = JSON.parse(body) as Asked;
    this.asked.push(asked);
    const count = this.asked.filter(({ repositoryName }) => repositoryName === asked.repositoryName).length;
    const fault = await this.fault(asked, count);
    if (fault === 'hang') return;
    if (fault === 'hang up') {
      outgoing.destroy();
    } else if (fault === 'hang in the middle') {
      outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': 1000 });
      outgoing.write('{"imageDetails": [');
    } else if (fault) {
      outgoing.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.1' });
      outgoing.end(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body));
    } else {
      await this.forward(incoming, body, outgoing);
    }
  }

  /** With the headers as they are, the host among them: the request stays signed. */
  private async forward(incoming: IncomingMessage, body: string, outgoing: ServerResponse): Promise<void> {
    const onward = request(this.target(), { method: incoming.method ?? 'POST', headers: incoming.headers });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const content = await text(answer);
    const { 'content-length': _, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 500, headers);
    outgoing.end(answer.statusCode === 200 ? this.rewritten(content) : asEcrWordsIt(content));
  }

  private rewritten(content: string): string {
    const { imageDetails, ...others } = JSON.parse(content) as { imageDetails: Record<string, unknown>[] };
    return JSON.stringify({ ...others, imageDetails: imageDetails.map((detail) => this.rewrite(detail)) });
  }
}

/** ECR's own names for what moto answers, in XML, to requests of all services that it refuses. */
const REFUSALS: Readonly<Record<string, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  AccessDenied: 'AccessDeniedException',
};

function asEcrWordsIt(content: string): string {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(content)?.[1];
  const name = REFUSALS[element('Code') ?? ''];
  return name ? JSON.stringify({ __type: name, message: element('Message') }) : content;
}
