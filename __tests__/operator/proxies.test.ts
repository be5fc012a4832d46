import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { executePrepared, FakePostgres, message, PostgresClient, prepare, sync } from './fake-postgres';
import { KubernetesProxy } from './kubernetes-proxy';
import { PostgresProxy } from './postgres-proxy';
import { type Action, Writes } from './writes';

const CONFLICT = { kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409 };

/** Only a test that fails waits as long. */
jest.setTimeout(20_000);

/** A door that a test opens. */
function door(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('Behind the proxies', () => {
  const writes = new Writes();
  const received: string[] = [];
  const headersReceived: IncomingHttpHeaders[] = [];
  let onWatch: (response: ServerResponse) => void = () => {};
  const api = createServer((incoming, outgoing) => {
    headersReceived.push(incoming.headers);
    void text(incoming).then((body) => {
      received.push(`${incoming.method} ${incoming.url} ${body}`.trim());
      if (incoming.url?.includes('watch=true')) return onWatch(outgoing);
      outgoing.writeHead(incoming.method === 'POST' ? 201 : 200, { 'content-type': 'application/json', audit: 'yes' });
      outgoing.end(`{"answer":"to ${incoming.method}"}`);
    });
  });
  const postgres = new FakePostgres();
  let kubernetesProxy: KubernetesProxy;
  let postgresProxy: PostgresProxy;

  beforeAll(async () => {
    await once(api.listen(0, '127.0.0.1'), 'listening');
    await postgres.start();
    kubernetesProxy = new KubernetesProxy(writes, {
      server: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    });
    postgresProxy = new PostgresProxy(writes, postgres.address);
    await kubernetesProxy.accept();
    await postgresProxy.accept();
  });
  beforeEach(() => {
    writes.reset();
    received.length = 0;
    headersReceived.length = 0;
    postgres.received.length = 0;
  });
  afterAll(async () => {
    await kubernetesProxy.close();
    await postgresProxy.close();
    await postgres.stop();
    api.close();
    await once(api, 'close');
  });

  async function open(method: string, path: string, body?: object): Promise<IncomingMessage> {
    const call = request(`${kubernetesProxy.url}${path}`, {
      method,
      agent: false,
      headers: { authorization: 'Bearer token', ...(body && { 'content-length': JSON.stringify(body).length }) },
    });
    call.end(body && JSON.stringify(body));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return response;
  }

  async function ask(method: string, path: string, body?: object) {
    const response = await open(method, path, body);
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  const create = (name: string) => ask('POST', '/api/v1/namespaces', { metadata: { name } });
  const remove = (name: string) => ask('DELETE', `/api/v1/namespaces/${name}`);

  describe('a Kubernetes API', () => {
    test('gets requests as they were sent, and its answers arrive as they were given', async () => {
      const { status, headers, body } = await create('acme');
      expect([status, headers.audit, body]).toEqual([201, 'yes', '{"answer":"to POST"}']);
      expect(received).toEqual(['POST /api/v1/namespaces {"metadata":{"name":"acme"}}']);
      expect(headersReceived[0]?.authorization).toBe('Bearer token');
    });

    test('gets the body of a DELETE', async () => {
      await ask('DELETE', '/api/v1/namespaces/acme', { preconditions: { uid: '1' } });
      expect(received).toEqual(['DELETE /api/v1/namespaces/acme {"preconditions":{"uid":"1"}}']);
    });

    test('can be watched: each change arrives at once, and a watcher that leaves is gone there too', async () => {
      const left = door();
      let watched: ServerResponse | undefined;
      onWatch = (response) => {
        watched = response;
        response.writeHead(200).flushHeaders();
        response.once('close', left.open);
      };
      const watch = await open('GET', '/api/v1/namespaces?watch=true');
      for (const change of ['one', 'two']) {
        watched?.write(change);
        expect((await once(watch, 'data')).toString()).toBe(change);
      }
      watch.on('error', () => {});
      watch.destroy();
      await left.opened;
    });

    test('that breaks a watch off breaks it off for the watcher', async () => {
      onWatch = (response) => void response.write('one', () => response.destroy());
      await expect(ask('GET', '/api/v1/namespaces?watch=true')).rejects.toThrow('aborted');
    });

    test('has its writes listed, without what changes from run to run', async () => {
      await ask('GET', '/api/v1/namespaces');
      await create('acme');
      await ask('PATCH', '/api/v1/namespaces/acme?fieldManager=tenantry&timeout=4s&force=true', {});
      await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {});
      await remove('acme');
      expect(writes.list()).toEqual([
        { system: 'kubernetes', what: 'POST /api/v1/namespaces (acme)' },
        { system: 'kubernetes', what: 'PATCH /api/v1/namespaces/acme?fieldManager=tenantry&force=true' },
        { system: 'kubernetes', what: 'DELETE /api/v1/namespaces/acme' },
      ]);
      expect(received).toHaveLength(5);
    });

    test('has its Events listed by themselves', async () => {
      const event = { type: 'Warning', reason: 'CredentialsMissing' };
      const about = { kind: 'Tenant', name: 'acme' };
      await ask('POST', '/api/v1/namespaces/default/events', { ...event, involvedObject: about, message: 'Gone' });
      await ask('POST', '/apis/events.k8s.io/v1/namespaces/a/events', { ...event, regarding: about, note: 'Gone' });
      expect(writes.events()).toEqual(Array(2).fill('Warning CredentialsMissing Tenant/acme: Gone'));
      expect(writes.list()).toEqual([]);
      expect(received).toHaveLength(2);
    });

    test('never hears of a write that is cut before', async () => {
      writes.intercept((_, index, moment) => (index === 1 && moment === 'before' ? 'cut one' : 'pass'));
      await create('one');
      await expect(create('two')).rejects.toThrow('socket hang up');
      await create('three');
      expect(received.join()).not.toContain('two');
      expect(writes.list()).toHaveLength(3);
    });

    test('has done what is cut after, and the operator never hears', async () => {
      writes.intercept((_, __, moment) => (moment === 'after' ? 'cut one' : 'pass'));
      await expect(create('acme')).rejects.toThrow('socket hang up');
      expect(received).toHaveLength(1);
    });

    test('is answered for: before, it never hears of the write', async () => {
      writes.intercept(() => ({ status: 429, headers: { 'retry-after': '7' }, body: CONFLICT }));
      const { status, headers, body } = await create('acme');
      expect([status, headers['retry-after'], JSON.parse(body)]).toEqual([429, '7', CONFLICT]);
      expect(received).toEqual([]);
    });

    test('is answered for: after, the operator is told otherwise', async () => {
      writes.intercept((_, __, moment) => (moment === 'after' ? { status: 500, body: 'no' } : undefined));
      expect(await create('acme')).toMatchObject({ status: 500, body: 'no' });
      expect(received).toHaveLength(1);
    });

    test('gets a write that is delayed no sooner than that', async () => {
      writes.intercept((_, __, moment) => (moment === 'before' ? { delay: 50 } : 'pass'));
      const start = performance.now();
      await create('acme');
      expect(performance.now() - start).toBeGreaterThan(48);
      expect(received).toHaveLength(1);
    });

    test('gets other writes while one is held', async () => {
      const held = door();
      const letGo = door();
      writes.intercept(async (_, index, moment): Promise<Action> => {
        if (index > 0 || moment === 'after') return 'pass';
        held.open();
        await letGo.opened;
        return 'pass';
      });
      const first = remove('first');
      await held.opened;
      await remove('second');
      letGo.open();
      await first;
      expect(received).toEqual(['DELETE /api/v1/namespaces/second', 'DELETE /api/v1/namespaces/first']);
    });

    test('that is gone looks gone', async () => {
      const gone = new KubernetesProxy(new Writes(), { server: 'http://127.0.0.1:1' });
      await gone.accept();
      const call = request(gone.url, { agent: false }).end();
      const [error] = await once(call, 'error');
      expect(error.message).toBe('socket hang up');
      await gone.close();
    });

    test('refuses connections, breaks the ones there are, and comes back on the same port', async () => {
      onWatch = (response) => response.writeHead(200).flushHeaders();
      const watch = await open('GET', '/api/v1/namespaces?watch=true');
      const broken = once(watch, 'end');
      watch.resume();
      await kubernetesProxy.refuse();
      await expect(broken).rejects.toThrow('aborted');
      await expect(remove('acme')).rejects.toThrow('ECONNREFUSED');
      await kubernetesProxy.accept();
      expect((await remove('acme')).status).toBe(200);
    });

    test('hangs: accepts connections, and nothing passes until it goes on', async () => {
      const watching = door();
      onWatch = (response) => {
        response.writeHead(200).flushHeaders();
        watching.opened.then(() => response.write('change'));
      };
      const watch = await open('GET', '/api/v1/namespaces?watch=true');
      const arrived: string[] = [];
      const change = once(watch, 'data').then(() => arrived.push('change'));
      kubernetesProxy.hang();
      watching.open();
      const removed = remove('acme').then(() => arrived.push('answer'));
      // The other proxy goes on, and has time for several turns.
      const client = await PostgresClient.connect(postgresProxy.port);
      for (let turn = 0; turn < 10; turn += 1) await client.query('SELECT 1');
      client.socket.destroy();
      expect([arrived, received.length, writes.list()]).toEqual([[], 1, []]);
      kubernetesProxy.resume();
      await Promise.all([change, removed]);
      expect(writes.list()).toHaveLength(1);
      watch.on('error', () => {});
      watch.destroy();
    });
  });

  describe('PostgreSQL', () => {
    let client: PostgresClient;

    beforeEach(async () => {
      client = await PostgresClient.connect(postgresProxy.port);
    });
    afterEach(() => void client.socket.destroy());

    test('has the writes among its statements listed, without passwords', async () => {
      for (const sql of ['BEGIN', `CREATE ROLE "acme" PASSWORD 's3cr3t'`, 'SELECT 1', 'COMMIT']) {
        expect(await client.query(sql)).toBe('CZ');
      }
      expect(writes.list().map(({ what }) => what)).toEqual([`CREATE ROLE "acme" PASSWORD '***'`, 'COMMIT']);
      expect(postgres.received).toContain(`Q CREATE ROLE "acme" PASSWORD 's3cr3t'`);
    });

    test('has a prepared statement listed as often as it is executed', async () => {
      client.socket.write(Buffer.concat([prepare('s', 'DROP ROLE acme'), sync]));
      expect(await client.untilReady()).toBe('Z');
      expect(writes.list()).toEqual([]);
      for (let n = 0; n < 2; n += 1) {
        client.socket.write(Buffer.concat([executePrepared('s'), sync]));
        expect(await client.untilReady()).toBe('CZ');
      }
      expect(writes.list().map(({ what }) => what)).toEqual(['DROP ROLE acme', 'DROP ROLE acme']);
    });

    test('gets messages whole however they were cut on their way', async () => {
      for (const byte of message('Q', 'DROP ROLE acme')) {
        await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
      }
      expect(await client.untilReady()).toBe('CZ');
      expect(writes.list()).toHaveLength(1);
    });

    test('never hears of a write that is cut before', async () => {
      writes.intercept((_, __, moment) => (moment === 'before' ? 'cut one' : 'pass'));
      await expect(client.query('DROP ROLE acme')).rejects.toThrow();
      client = await PostgresClient.connect(postgresProxy.port);
      await client.query('SELECT 1');
      expect(postgres.received).toEqual(['Q SELECT 1']);
    });

    test('never hears of what follows in the same breath as a write that is cut', async () => {
      writes.intercept((_, __, moment) => (moment === 'before' ? 'cut one' : 'pass'));
      client.socket.write(Buffer.concat([message('Q', 'DROP ROLE acme'), message('Q', 'SELECT 2')]));
      await expect(client.untilReady()).rejects.toThrow();
      client = await PostgresClient.connect(postgresProxy.port);
      await client.query('SELECT 1');
      expect(postgres.received).toEqual(['Q SELECT 1']);
    });

    test('has done what is cut after, and the operator never hears', async () => {
      writes.intercept((_, __, moment) => (moment === 'after' ? 'cut one' : 'pass'));
      await expect(client.query('DROP ROLE acme')).rejects.toThrow();
      expect(postgres.received).toEqual(['Q DROP ROLE acme']);
    });

    test('has done the writes of a pipeline when it is ready after its end', async () => {
      const moments: string[] = [];
      writes.intercept((_, index, moment) => {
        moments.push(`${moment} ${index}`);
        if (moment === 'after') expect(postgres.received).toContain('S');
        return 'pass';
      });
      const pipeline = ['DROP ROLE a', 'SELECT 1', 'DROP ROLE b'].flatMap((sql) => [
        prepare('', sql),
        executePrepared(''),
      ]);
      client.socket.write(Buffer.concat([...pipeline, sync]));
      expect(await client.untilReady()).toBe('CCCZ');
      expect(moments).toEqual(['before 0', 'before 1', 'after 0', 'after 1']);
      expect(writes.list().map(({ what }) => what)).toEqual(['DROP ROLE a', 'DROP ROLE b']);
    });

    test('is ready after each of several pipelines in the same breath', async () => {
      const after: number[] = [];
      writes.intercept((_, index, moment) => {
        if (moment === 'after') after.push(index);
        return 'pass';
      });
      const pipeline = [prepare('', 'DROP ROLE a'), executePrepared(''), sync];
      client.socket.write(Buffer.concat([...pipeline, message('Q', 'DROP ROLE b'), ...pipeline]));
      for (let n = 1; n <= 3; n += 1) {
        expect(await client.untilReady()).toBe('CZ');
        expect(after.slice(0, n)).toEqual([0, 1, 2].slice(0, n));
      }
    });

    test('cannot be answered for: the test that tries is told', async () => {
      writes.intercept(() => ({ status: 500, body: 'no' }));
      await expect(client.query('DROP ROLE acme')).rejects.toThrow();
      expect(() => writes.list()).toThrow('Only Kubernetes can be answered for, not: DROP ROLE acme');
    });

    test('refuses connections, breaks the ones there are, and comes back on the same port', async () => {
      const { port } = postgresProxy;
      await postgresProxy.refuse();
      await expect(client.untilReady()).rejects.toThrow();
      await expect(PostgresClient.connect(port)).rejects.toThrow('ECONNREFUSED');
      await postgresProxy.accept();
      client = await PostgresClient.connect(port);
      expect(await client.query('SELECT 1')).toBe('CZ');
    });

    test('hangs: accepts connections, and nothing passes until it goes on', async () => {
      postgresProxy.hang();
      let answered = false;
      const answer = client.query('DROP ROLE acme').then(() => {
        answered = true;
      });
      const another = connect(postgresProxy.port, '127.0.0.1');
      await once(another, 'connect');
      another.destroy();
      // The other proxy goes on, and has time for several turns.
      for (let turn = 0; turn < 10; turn += 1) await ask('GET', '/api/v1/namespaces');
      expect([answered, postgres.received, writes.list()]).toEqual([false, [], []]);
      postgresProxy.resume();
      await answer;
      expect(writes.list()).toHaveLength(1);
    });
  });

  describe('an operator that is killed', () => {
    test('breaks off on all its connections', async () => {
      const client = await PostgresClient.connect(postgresProxy.port);
      writes.intercept(() => 'cut');
      await expect(create('acme')).rejects.toThrow('socket hang up');
      await expect(client.untilReady()).rejects.toThrow();
      writes.reset();
      await create('acme');
      expect(received).toHaveLength(1);
    });

    test('leaves no write behind that is held at another place', async () => {
      const held = door();
      const letGo = door();
      writes.intercept(async ({ system }): Promise<Action> => {
        if (system === 'kubernetes') return 'cut';
        held.open();
        await letGo.opened;
        return 'pass';
      });
      const client = await PostgresClient.connect(postgresProxy.port);
      const query = client.query('DROP ROLE acme');
      await held.opened;
      await expect(create('acme')).rejects.toThrow('socket hang up');
      letGo.open();
      await expect(query).rejects.toThrow();
      writes.reset();
      const next = await PostgresClient.connect(postgresProxy.port);
      await next.query('SELECT 1');
      next.socket.destroy();
      expect(postgres.received).toEqual(['Q SELECT 1']);
      expect(received).toEqual([]);
    });

    test('leaves no write behind that it sent and nobody has read', async () => {
      const send = `
        const socket = require('node:net').connect(${kubernetesProxy.port}, '127.0.0.1');
        socket.write('DELETE /api/v1/namespaces/left-behind HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n', () => process.kill(process.pid, 'SIGKILL'));`;
      writes.intercept(() => {
        // As long as this takes, the proxy cannot accept what comes.
        expect(() => execFileSync(process.execPath, ['-e', send])).toThrow(
          expect.objectContaining({ signal: 'SIGKILL' }),
        );
        return 'cut';
      });
      await expect(create('acme')).rejects.toThrow('socket hang up');
      writes.intercept(() => 'pass');
      await remove('another');
      expect(writes.list().map(({ what }) => what)).toEqual([
        'POST /api/v1/namespaces (acme)',
        'DELETE /api/v1/namespaces/another',
      ]);
      expect(received).toEqual(['DELETE /api/v1/namespaces/another']);
    });
  });

  test('writes to both are in one order', async () => {
    const client = await PostgresClient.connect(postgresProxy.port);
    await create('acme');
    await client.query('CREATE ROLE acme');
    await remove('acme');
    client.socket.destroy();
    expect(writes.list().map(({ system }) => system)).toEqual(['kubernetes', 'postgresql', 'kubernetes']);
  });

  test('a write from before a reset does not come before the next handler', async () => {
    const held = door();
    const letGo = door();
    writes.intercept(async (): Promise<Action> => {
      held.open();
      await letGo.opened;
      return 'pass';
    });
    const created = create('acme');
    await held.opened;
    writes.reset();
    writes.intercept(() => 'cut');
    letGo.open();
    expect((await created).status).toBe(201);
    expect(writes.list()).toEqual([]);
  });

  test('a handler that fails fails the test', async () => {
    writes.intercept(() => {
      throw new Error('Not what the test expected');
    });
    await expect(create('acme')).rejects.toThrow('socket hang up');
    expect(() => writes.list()).toThrow('Not what the test expected');
    expect(received).toEqual([]);
  });
});
