import { PassThrough } from 'node:stream';
import { TenantWatch } from '../../lib/fleet/tenant-watch';
import { until } from '../until';
import { ScriptedApiServer, send } from './scripted-api-server';

const named = (name: string, more: object = {}) => ({ metadata: { name }, ...more });

describe('the Tenants of a cluster, kept current', () => {
  let server: ScriptedApiServer;
  let watch: TenantWatch | undefined;
  beforeEach(async () => {
    server = await ScriptedApiServer.start();
    server.items = [named('birch'), named('amber')];
  });
  afterEach(() => {
    watch?.close();
    server.stop();
  });

  const open = async () => {
    watch = await TenantWatch.open({ kubeconfig: server.kubeconfig });
    return watch;
  };
  const names = () => watch?.all.map(({ metadata }) => metadata.name);
  const followed = () => until('the watch is there', () => server.watching === 1);

  test('come by one list and one watch, which begins where the list ended', async () => {
    await open();
    await followed();
    expect(names()).toEqual(['amber', 'birch']);
    expect(server.lists).toBe(1);
    expect(server.watches).toHaveLength(1);
    expect(server.watches[0]?.get('resourceVersion')).toBe('1');
  });

  test('change as the cluster tells, however an event is cut into pieces', async () => {
    const pipe = new PassThrough();
    server.onWatch = (_, response) => {
      pipe.pipe(response.writeHead(200));
    };
    await open();
    const events = [
      { type: 'ADDED', object: { metadata: { name: 'cedar', resourceVersion: '2' }, spec: { host: 'zeder-ä' } } },
      { type: 'DELETED', object: { metadata: { name: 'birch', resourceVersion: '3' } } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '4' } } },
    ];
    const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    for (let at = 0; at < bytes.length; at += 7) pipe.write(bytes.subarray(at, at + 7));
    await until('all is told', () => names()?.join() === 'amber,cedar');
    expect(watch?.all[1]?.spec.host).toBe('zeder-ä');
  });

  test('are waited for until one changes, and no longer than asked', async () => {
    const { change } = await open();
    await followed();
    const changed = change.bind(watch);
    await changed(0);
    const before = performance.now();
    await changed(300);
    expect(performance.now() - before).toBeGreaterThan(290);

    const waiting = changed(60_000);
    server.tell('MODIFIED', named('amber', { spec: { host: 'new' } }));
    await waiting;
    expect(watch?.all[0]?.spec.host).toBe('new');
  });

  test('are followed on from the last event when the server ends its watch, without another list', async () => {
    await open();
    await followed();
    server.tell('MODIFIED', named('amber'));
    server.tell('BOOKMARK', { metadata: { resourceVersion: '77' } });
    server.endWatches();
    await until('there is another watch', () => server.watches.length === 2);
    expect(server.watches[1]?.get('resourceVersion')).toBe('77');
    expect(server.lists).toBe(1);
    expect(watch?.unreadable).toBeUndefined();
  });

  test('are followed on when the connection breaks', async () => {
    await open();
    await followed();
    server.breakWatches();
    await until('it is noticed', () => watch?.unreadable !== undefined);
    await until('there is another watch', () => server.watches.length === 2 && server.watching === 1);
    server.tell('ADDED', named('cedar'));
    await until('it is told', () => names()?.includes('cedar'));
    expect(watch?.unreadable).toBeUndefined();
  });

  test.each(['as an answer', 'as an event'])(
    'are listed anew when the server has forgotten what came since (%s)',
    async (how) => {
      const gone = { kind: 'Status', code: 410, message: 'too old resource version' };
      const follow = server.onWatch;
      server.onWatch = (request, response) => {
        server.onWatch = follow;
        server.items = [named('amber'), named('cedar')];
        if (how === 'as an answer') send(response, 410, gone);
        else response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
        request.resume();
      };
      await open();
      await until('they are listed anew', () => names()?.join() === 'amber,cedar');
      await followed();
      expect(server.lists).toBe(2);
    },
  );

  test('are none where the cluster does not know what a Tenant is, until it does', async () => {
    const list = server.onList;
    server.onList = (_, response) => send(response, 404, { message: 'not found' });
    await open();
    expect(names()).toEqual([]);
    server.onList = list;
    await until('they are there', () => names()?.length === 2);
  });

  test('cannot be told by somebody who may not list them', async () => {
    server.onList = (_, response) => send(response, 403, { message: 'tenants is forbidden: User "x" cannot list' });
    await expect(open()).rejects.toThrow(/refuses \(403\): tenants is forbidden.*tenantry:planner/);
  });

  test.each([
    ['refuses, and goes on to', 403, 'tenants is forbidden: User "x" cannot watch', 10],
    ['was not heard of for half a minute', 500, 'etcdserver: leader changed', 30],
  ])('cannot be told once the server %s', async (_, status, message, seconds) => {
    server.onWatch = (_, response) => send(response, status, { message });
    await open();
    await until('it is noticed', () => watch?.unreadable !== undefined);
    await watch?.change(0);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now + (seconds - 1) * 1000);
    await watch?.change(0);
    clock.mockReturnValue(now + seconds * 1000);
    await expect(watch?.change(60_000)).rejects.toThrow(message);
    clock.mockRestore();
  });

  test('are followed on where the server refuses for a moment, as one does that has just started', async () => {
    const follow = server.onWatch;
    server.onWatch = (_, response) => {
      server.onWatch = follow;
      send(response, 403, { message: 'tenants is forbidden' });
    };
    await open();
    await followed();
    await watch?.change(0);
    expect(watch?.unreadable).toBeUndefined();
  });

  test('are watched again when the server says, where it says when', async () => {
    const asked: number[] = [];
    server.onWatch = (_, response) => {
      asked.push(performance.now());
      send(response, 429, { message: 'too many requests' }, { 'retry-after': '1' });
    };
    await open();
    await until('it was asked again', () => asked.length === 2);
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(950);
    expect(watch?.unreadable?.message).toContain('it answered 429: too many requests');
  });

  test('hold nothing up once they are closed', async () => {
    await open();
    await followed();
    watch?.close();
    await until('the watch is over', () => server.watching === 0);
    expect(server.watches).toHaveLength(1);
  });
});
