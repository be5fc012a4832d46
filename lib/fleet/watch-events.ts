import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { KubeConfig } from '@kubernetes/client-node';

/** What a watch of the Kubernetes API tells. */
export interface WatchEvent<Item> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** A Status for `ERROR`; for `BOOKMARK` metadata alone. */
  readonly object: Item;
}

/** What the API server refused with: as the errors of the Kubernetes client are, so that both are explained alike. */
export class WatchRefused extends Error {
  override readonly name = 'WatchRefused';

  constructor(
    /** HTTP status. */
    readonly code: number,
    /** A Status, as JSON. */
    readonly body: string,
    readonly headers: Readonly<Record<string, unknown>> = {},
  ) {
    super(`HTTP ${code}`);
  }
}

/**
 * Begins a watch, to be followed until the API server ends it. The client's own `Watch` can't be ended before the answer has begun, and takes
 * a watch that is broken off for one that has ended.
 *
 * @throws WatchRefused, or what Node.js says when the connection breaks or the signal aborts it; so may what is followed.
 */
export async function watchEvents<Item>(
  config: KubeConfig,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<AsyncIterable<WatchEvent<Item>>> {
  const url = new URL(`${config.getCurrentCluster()?.server}${path}`);
  url.search = new URLSearchParams({ ...query, watch: 'true' }).toString();
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const request = (url.protocol === 'http:' ? requestHttp : requestHttps)(url, { ...options, signal });
  // For what fails after somebody has stopped to listen.
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200) throw new WatchRefused(statusCode, await text(response), headers);
  return events(response);
}

async function* events<Item>(response: IncomingMessage): AsyncGenerator<WatchEvent<Item>> {
  for await (const line of lines(response)) {
    const event = JSON.parse(line) as WatchEvent<Item>;
    if (event.type === 'ERROR') throw refusal(event.object);
    yield event;
  }
}

/** Lines of a stream as they come. An error of the stream is one here, which `readline` swallows. */
async function* lines(stream: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts.filter(Boolean);
  }
}

function refusal(status: unknown): WatchRefused {
  const { code = 500 } = status as { code?: number };
  return new WatchRefused(code, JSON.stringify(status));
}
