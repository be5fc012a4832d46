const assert = require('node:assert/strict');
const { once } = require('node:events');
const { connect } = require('node:net');
const { after, before, describe, test } = require('node:test');
const { NewDatabase, needsPostgres, until } = require('./new-database.js');

describe('server.js', needsPostgres, () => {
  let database;
  let server;
  let url;
  before(async () => {
    database = await NewDatabase.create();
    await database.run(['migrate.js']);
    ({ server, url } = await started());
  });
  after(() => database.drop());

  async function started(env = {}) {
    const server = database.start(['server.js'], { PORT: '0', TENANT: 'globex', GIT_SHA: 'c0ffee0', ...env });
    const [, port] = await server.says(/^listening on port (\d+)$/m);
    return { server, port: Number(port), url: `http://127.0.0.1:${port}/apiserver/v1` };
  }
  const post = (body) => fetch(`${url}/notes`, { method: 'POST', body });

  test('is healthy where the platform asks, and says who it is, by its commit', async () => {
    const response = await fetch(`${url}/health`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      tenant: 'globex',
      service: 'apiserver',
      commit: 'c0ffee0',
      hasStripeKey: false,
    });
  });

  test('says of a secret that it has it, and never what it is', async () => {
    const { server, url } = await started({ STRIPE_KEY: 'sk_live_1' });
    const text = await (await fetch(`${url}/health`)).text();
    assert.equal(JSON.parse(text).hasStripeKey, true);
    server.stop();
    const { out, err } = await server.end();
    assert.ok(!`${text}${out}${err}`.includes('sk_live_1'));
  });

  test('keeps what it is told, with a job for the worker', async () => {
    const response = await post(JSON.stringify({ text: 'one two' }));
    assert.equal(response.status, 201);
    const { id } = await response.json();
    const [note] = await (await fetch(`${url}/notes`)).json();
    assert.deepEqual([note.id, note.text, note.words], [id, 'one two', null]);
    assert.deepEqual(await database.rows('SELECT note FROM jobs'), [{ note: id }]);
  });

  for (const [what, body, status] of [
    ['what is not JSON', 'text', 400],
    ['a note without a text', '{}', 400],
    ['a text that PostgreSQL cannot keep', '{"text":"\\u0000"}', 400],
    ['more than a note may have', JSON.stringify({ text: 'x'.repeat(20_000) }), 413],
  ])
    test(`refuses ${what}`, async () => {
      assert.equal((await post(body)).status, status);
    });

  test('knows no other path', async () => {
    assert.equal((await fetch(`${url}/nowhere`)).status, 404);
    assert.equal((await fetch(`${url}/notes`, { method: 'DELETE' })).status, 404);
  });

  test('says that the database does not answer, stays healthy meanwhile, and goes on once it does', async () => {
    await database.rows('ALTER TABLE notes RENAME TO elsewhere');
    const response = await fetch(`${url}/notes`);
    assert.equal(response.status, 503);
    assert.ok(!(await response.text()).includes('relation'));
    assert.equal((await fetch(`${url}/health`)).status, 200);
    await database.rows('ALTER TABLE elsewhere RENAME TO notes');

    // Every connection that it has is lost, as when the server starts anew.
    await database.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'apiserver' AND datname = current_database()",
    );
    await until('it answers', async () => (await fetch(`${url}/notes`)).ok);
    assert.match(server.err, /^GET \/apiserver\/v1\/notes: relation "notes" does not exist$/m);
  });

  test('answers what was begun when it is told to end, and begins nothing more', async () => {
    const { server, port, url } = await started();
    const letGo = await database.hold('LOCK TABLE notes IN ACCESS EXCLUSIVE MODE');
    const begun = fetch(`${url}/notes`);
    await database.somebodyWaits();
    server.stop();
    await until('nobody is let in', () => refuses(port));
    await letGo();

    const response = await begun;
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('connection'), 'close');
    await response.json();
    assert.equal((await server.end()).code, 0);
  });
});

async function refuses(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
