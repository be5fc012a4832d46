import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { askHealth } from '../../../lib/fleet/health/ask-health';
import { type Health, healthOf } from '../../../lib/fleet/health/health';
import type { HealthQuestion } from '../../../lib/fleet/health/health-question';
import { authority, type Certificate, certificate } from './certificates';

const COMMIT = 'd4e5f6a0d4e5f6a0d4e5f6a0d4e5f6a0d4e5f6a0';
const QUESTION: HealthQuestion = {
  tenant: 'globex',
  service: 'web-client',
  host: 'globex.example.com',
  path: '/v1/health',
  digest: 'sha256:1',
  commits: [COMMIT],
};

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How the service is found to be at an ingress. */
async function askedAt(ingress: string, { deadline = 5000, ca = '', question = QUESTION } = {}): Promise<Health> {
  return healthOf(question, await askHealth(question, { deadline, ingress: new URL(ingress), ca }), false);
}

const http = async (listener: RequestListener) => `http://${await listening(createServer(listener))}`;
const https = async ({ cert, key }: Certificate, listener: RequestListener = (_, response) => response.end('ok')) =>
  `https://${await listening(createTlsServer({ cert, key }, listener))}`;
const tcp = async (serve: (socket: Socket) => void) => `http://${await listening(createTcpServer(serve))}`;

describe('a service that answers', () => {
  test('is asked once, at the ingress, as its host and on its path, with nothing that could change anything', async () => {
    const seen: object[] = [];
    const address = await http(({ method, url, headers }, response) => {
      seen.push({ method, url, host: headers.host, cookie: headers.cookie, authorization: headers.authorization });
      response.end('{"status":"ok"}');
    });
    expect(await askedAt(address)).toEqual({ healthy: true, reason: 'Healthy', evidence: 'answers 200' });
    expect(seen).toEqual([{ method: 'GET', url: '/v1/health', host: 'globex.example.com' }]);
  });

  test('is asked on a path that is not ASCII as a browser would', async () => {
    const paths: unknown[] = [];
    const address = await http(({ url }, response) => {
      paths.push(url);
      response.end();
    });
    await askedAt(address, { question: { ...QUESTION, path: '/grüße/%20/health' } });
    expect(paths).toEqual(['/gr%C3%BC%C3%9Fe/%20/health']);
  });

  test('is healthy with a certificate for its host, of a trusted authority', async () => {
    const ca = await authority();
    let name: unknown;
    const server = createTlsServer(await certificate({ host: QUESTION.host, by: ca }), (_, response) => response.end());
    server.on('secureConnection', (socket) => {
      name = (socket as unknown as { servername: string }).servername;
    });
    expect(await askedAt(`https://${await listening(server)}`, { ca: ca.cert })).toMatchObject({ healthy: true });
    expect(name).toBe('globex.example.com');
  });

  test('is not followed where it redirects, and the place is named', async () => {
    let requests = 0;
    const address = await http((_, response) => {
      requests++;
      response.writeHead(302, { location: '/login?next=%2Fv1%2Fhealth' }).end();
    });
    expect(await askedAt(address)).toMatchObject({
      healthy: false,
      reason: 'Redirected',
      evidence: 'answers 302, a redirect to /login?next=%2Fv1%2Fhealth: a health path answers itself',
    });
    expect(requests).toBe(1);
  });

  test('with a huge body is read no further than 64 KiB', async () => {
    let sent = 0;
    const address = await http((_, response) => {
      const more = () => {
        while (sent < 1_000_000_000 && response.write('x'.repeat(65_536))) sent += 65_536;
      };
      response.on('drain', more);
      more();
    });
    const answer = await askHealth(QUESTION, { deadline: 5000, ingress: new URL(address) });
    expect(answer).toMatchObject({ status: 200, body: 'x'.repeat(65_536) });
    expect(sent).toBeLessThan(20_000_000);
  });
});

describe('a service that cannot be asked', () => {
  test('is at a host that DNS does not know', async () => {
    const host = 'globex.invalid';
    const answer = await askHealth({ host, path: '/' }, { deadline: 5000 });
    // A machine without a resolver says so in another way.
    expect(healthOf(QUESTION, answer, false)).toMatchObject({
      healthy: false,
      reason: expect.stringMatching(/^(HostUnknown|DnsUnavailable|TimedOut)$/),
      evidence: expect.stringMatching(/DNS|does not answer/),
    });
  });

  test('is at a host that is none, as somebody may have written by hand', async () => {
    const answer = await askHealth({ host: '1.2.3.999', path: '/' }, { deadline: 5000 });
    expect(healthOf(QUESTION, answer, false)).toEqual({
      healthy: false,
      reason: 'HostUnknown',
      evidence: 'is at no address that can be asked (ERR_INVALID_URL: Invalid URL)',
    });
  });

  test('refuses connections', async () => {
    const address = await http(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await askedAt(address)).toEqual({
      healthy: false,
      reason: 'ConnectionRefused',
      evidence: 'refuses connections (ECONNREFUSED)',
    });
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['takes the connection and says nothing', () => undefined, 'does not answer'],
    ['sends headers for ever', (socket) => socket.write('HTTP/1.1 200 OK\r\nx-'), 'does not answer'],
    [
      'begins an answer and does not end it',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
      'answers 200 and does not end its answer',
    ],
  ])('%s', async (_, serve, evidence) => {
    expect(await askedAt(await tcp(serve), { deadline: 300 })).toEqual({
      healthy: false,
      reason: 'TimedOut',
      evidence: `${evidence}: it took more than 0.3 s`,
    });
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['breaks the connection off', (socket) => socket.destroy(), 'ConnectionBroken'],
    [
      'breaks off in the middle of its answer',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
      'ConnectionBroken',
    ],
    ['speaks something else than HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), 'NotHttp'],
    [
      'sends more headers than anybody needs',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`),
      'NotHttp',
    ],
  ])('%s', async (_, serve, reason) => {
    // What it is sent is read, or the end of the connection would be one of another kind.
    const address = await tcp((socket) => socket.on('error', () => undefined).once('data', () => serve(socket)));
    expect(await askedAt(address)).toMatchObject({ healthy: false, reason });
  });
});

describe('a service whose TLS cannot be trusted', () => {
  let ca: Certificate;
  beforeAll(async () => {
    ca = await authority();
  });

  const { host } = QUESTION;
  test.each([
    ['has expired', { host, to: -0.5 }, 'CertificateExpired', /has expired, by the clock of this machine/],
    ['begins later', { host, from: 0.5 }, 'CertificateNotYetValid', /begins later, by the clock of this machine/],
    ['is for another host', { host: 'initech.example.com' }, 'CertificateForOtherHost', /DNS:initech\.example\.com/],
  ])('has a certificate that %s', async (_, wanted, reason, evidence) => {
    const address = await https(await certificate({ ...wanted, by: ca }));
    expect(await askedAt(address, { ca: ca.cert })).toEqual({
      healthy: false,
      reason,
      evidence: expect.stringMatching(evidence),
    });
  });

  test('has a certificate that it signed itself', async () => {
    expect(await askedAt(await https(await certificate({ host })))).toEqual({
      healthy: false,
      reason: 'CertificateSelfSigned',
      evidence: 'has a self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
  });

  test('has a certificate of an authority that is not trusted', async () => {
    const address = await https(await certificate({ host, by: ca }));
    expect(await askedAt(address, { ca: (await authority()).cert })).toMatchObject({
      healthy: false,
      reason: 'CertificateUntrusted',
      evidence: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  test('speaks no TLS at all', async () => {
    const address = await http((_, response) => response.end());
    expect(await askedAt(address.replace('http:', 'https:'))).toMatchObject({ healthy: false, reason: 'TlsFailed' });
  });

  test('hangs in the middle of its handshake', async () => {
    const address = await tcp(() => undefined);
    expect(await askedAt(address.replace('http:', 'https:'), { deadline: 300 })).toMatchObject({ reason: 'TimedOut' });
  });
});
