const assert = require('node:assert/strict');
const { after, before, beforeEach, describe, test } = require('node:test');
const { NewDatabase, needsPostgres } = require('./new-database.js');

describe('nightly.js', needsPostgres, () => {
  let database;
  before(async () => {
    database = await NewDatabase.create();
    await database.run(['migrate.js']);
  });
  after(() => database.drop());
  beforeEach(async () => {
    await database.rows('TRUNCATE notes, jobs RESTART IDENTITY');
    await database.rows(
      "INSERT INTO notes (text, created) SELECT days, now() - make_interval(days => days) FROM unnest('{1, 29, 31, 400}'::int[]) AS days",
    );
    await database.rows('INSERT INTO jobs (note) SELECT id FROM notes');
  });

  const kept = async () => (await database.rows('SELECT text FROM notes ORDER BY id')).map(({ text }) => text);

  test('deletes old notes with their jobs, says how many, and finds nothing when it is run again', async () => {
    assert.deepEqual(await database.run(['nightly.js']), {
      code: 0,
      out: 'deleted 2 notes older than 30 days\n',
      err: '',
    });
    assert.deepEqual(await kept(), ['1', '29']);
    assert.deepEqual(await database.rows('SELECT count(*)::int AS jobs FROM jobs'), [{ jobs: 2 }]);
    assert.equal((await database.run(['nightly.js'])).out, 'deleted 0 notes older than 30 days\n');
  });

  test('keeps notes as long as it is told', async () => {
    assert.equal((await database.run(['nightly.js'], { KEEP_DAYS: '365' })).code, 0);
    assert.deepEqual(await kept(), ['1', '29', '31']);
  });

  for (const days of ['', '0', '-1', '1e9', 'a week'])
    test(`deletes nothing when it is told to keep notes for ${JSON.stringify(days)} days`, async () => {
      const { code, err } = await database.run(['nightly.js'], { KEEP_DAYS: days });
      assert.equal(code, 1);
      assert.match(err, /^Nothing was deleted: KEEP_DAYS must be a number of days [^\n]*\n$/);
      assert.equal((await kept()).length, 4);
    });
});
