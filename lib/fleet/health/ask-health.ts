import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { HealthQuestion } from './health-question';

/** Bytes of an answer that are read. */
const LONGEST_BODY = 64 * 1024;

/** What came back, before anybody judges it. */
export type HealthAnswer = Answered | Unanswered;

export interface Answered {
  readonly status: number;
  readonly statusText: string;
  readonly location?: string;
  /** The beginning of the body where that is longer than 64 KiB. */
  readonly body: string;
}

export interface Unanswered {
  /** As Node.js has it, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`; `TIMEOUT` where it took too long. */
  readonly code: string;
  readonly message: string;
  /** Status of an answer that never came to its end. */
  readonly status?: number;
}

export interface AskOptions {
  /** Milliseconds that the whole exchange may take. */
  readonly deadline: number;
  /** Where to ask instead of at the tenant's own address. The tenant's host is still what is asked for, also in TLS. */
  readonly ingress?: URL | undefined;
  /** Certificate authorities to trust, in PEM. Default: those that Node.js trusts. */
  readonly ca?: string;
}

/** Asks a service for its health as anybody outside would. Follows no redirect, and always comes to an answer. */
export async function askHealth(
  { host, path }: Pick<HealthQuestion, 'host' | 'path'>,
  { deadline, ingress, ca }: AskOptions,
): Promise<HealthAnswer> {
  const signal = AbortSignal.timeout(deadline);
  let response: IncomingMessage | undefined;
  try {
    const asked = new URL(`https://${host}${path}`);
    const { protocol, hostname, port } = ingress ?? asked;
    const request = (protocol === 'http:' ? requestHttp : requestHttps)({
      // An IPv6 address has brackets in a URL, and none for a socket.
      host: hostname.replace(/^\[|\]$/g, ''),
      port,
      servername: host,
      // With what is not ASCII as a URL has it.
      path: asked.pathname + asked.search,
      headers: { host, accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'tenantry-verify' },
      // A connection that is kept could break between two attempts, which says nothing about the service.
      agent: false,
      signal,
      ...(ca !== undefined && { ca }),
    });
    // For what fails after somebody has stopped to listen.
    request.on('error', () => undefined);
    request.end();
    [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    const { statusCode = 0, statusMessage = '', headers } = response;
    const body = await beginning(response);
    return {
      status: statusCode,
      statusText: statusMessage,
      ...(headers.location !== undefined && { location: headers.location }),
      body,
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const status = response && { status: response.statusCode ?? 0 };
    return signal.aborted
      ? { code: 'TIMEOUT', message: `it took more than ${deadline / 1000} s`, ...status }
      : { code: code ?? 'UNKNOWN', message, ...status };
  }
}

async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > LONGEST_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_BODY).toString('utf8');
}
