const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, afterEach, before, beforeEach, describe, test } = require('node:test');
const { NewDatabase, needsPostgres } = require('./new-database.js');

describe('migrate.js', needsPostgres, () => {
  let database;
  beforeEach(async () => {
    database = await NewDatabase.create();
  });
  afterEach(() => database.drop());
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const write = (name, sql) => writeFileSync(join(folder, name), sql);
  const ran = async () => (await database.rows('SELECT name FROM migrations ORDER BY name')).map(({ name }) => name);

  test('runs all of them in order, and does nothing when it is run again', async () => {
    const first = await database.run(['migrate.js']);
    assert.deepEqual(first, {
      code: 0,
      out: 'ran 0001-notes.sql\nran 0002-jobs.sql\n2 of 2 migrations ran\n',
      err: '',
    });
    assert.deepEqual(await database.run(['migrate.js']), { code: 0, out: 'nothing to do\n', err: '' });
    assert.deepEqual(await ran(), ['0001-notes.sql', '0002-jobs.sql']);
  });

  test('leaves nothing half done of one that fails, says in one line which and why, and goes on from there once it is mended', async () => {
    write('1-good.sql', 'CREATE TABLE good ();');
    write('2-bad.sql', 'CREATE TABLE half ();\nINSERT INTO good\n  SELECT FROM nowhere;\n');
    write('3-later.sql', 'CREATE TABLE later ();');
    const failed = await database.run(['migrate.js', folder]);
    assert.equal(failed.code, 1);
    assert.equal(failed.err, 'The migration failed: 2-bad.sql:3: relation "nowhere" does not exist\n');
    assert.deepEqual(await ran(), ['1-good.sql']);
    const tables = await database.rows("SELECT to_regclass('half') AS half, to_regclass('later') AS later");
    assert.deepEqual(tables, [{ half: null, later: null }]);

    write('2-bad.sql', 'CREATE TABLE half ();');
    assert.equal((await database.run(['migrate.js', folder])).code, 0);
    assert.deepEqual(await ran(), ['1-good.sql', '2-bad.sql', '3-later.sql']);
  });

  test('does each once, however many are started at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => database.run(['migrate.js'])));
    assert.deepEqual(
      all.map(({ code }) => code),
      [0, 0, 0, 0],
    );
    assert.deepEqual(all.map(({ out }) => out.trim().split('\n').at(-1)).sort(), [
      '2 of 2 migrations ran',
      ...Array(3).fill('nothing to do'),
    ]);
  });

  test('leaves nothing behind when it is told to end', async () => {
    write('4-slow.sql', 'CREATE TABLE slow ();\nSELECT pg_sleep(600);');
    const slow = database.start(['migrate.js', folder]);
    await database.somebodyWaits('PgSleep');
    slow.stop();
    assert.equal((await slow.end()).code, 143);
    // PostgreSQL notices that nobody listens any more, long before the statement ends, and the next one need not wait for that.
    assert.equal((await database.run(['migrate.js'])).code, 0);
    assert.deepEqual(await database.rows("SELECT to_regclass('slow') AS slow"), [{ slow: null }]);
  });
});

test('says in one line that there is no server', async () => {
  // A port on which nobody listens.
  const env = { ...process.env, PGHOST: '127.0.0.1', PGPORT: '1', PGSSLMODE: 'disable' };
  const { status, stderr } = spawnSync(process.execPath, ['migrate.js'], { cwd: __dirname, env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stderr, 'The migration failed: connect ECONNREFUSED 127.0.0.1:1\n');
});
