const assert = require('node:assert/strict');
const { after, afterEach, before, beforeEach, describe, test } = require('node:test');
const { NewDatabase, needsPostgres, until } = require('./new-database.js');

const JOBS = 50;

describe('worker.js', needsPostgres, () => {
  let database;
  before(async () => {
    database = await NewDatabase.create();
    await database.run(['migrate.js']);
    // Each time that a job is done, and by whom.
    await database.rows('CREATE TABLE done (note bigint, worker integer)');
    await database.rows(`
      CREATE FUNCTION note_done() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF new.text = 'poison' THEN RAISE 'it does not go down'; END IF;
          INSERT INTO done VALUES (new.id, pg_backend_pid());
          RETURN new;
        END $$`);
    await database.rows('CREATE TRIGGER note_done BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION note_done()');
  });
  after(() => database.drop());
  afterEach(() => database.settle());
  beforeEach(() => database.rows('TRUNCATE notes, jobs, done RESTART IDENTITY'));

  /** Notes numbered from 1, and a job for each. */
  const addNotes = (...texts) => database.rows('INSERT INTO notes (text) SELECT unnest($1::text[])', [texts]);
  const addJobs = () => database.rows('INSERT INTO jobs (note) SELECT id FROM notes ORDER BY id');
  async function started() {
    const worker = database.start(['worker.js']);
    await worker.says(/^waiting for jobs$/m);
    return worker;
  }
  const left = async () => (await database.rows('SELECT count(*)::int AS jobs FROM jobs'))[0].jobs;
  const done = async () => (await database.rows('SELECT note FROM done ORDER BY note')).map(({ note }) => Number(note));

  /** Whoever takes the first job stays at it until it is let go. */
  const holdFirst = () => database.hold('SELECT FROM notes WHERE id = 1 FOR NO KEY UPDATE');

  test('does each job once, beside another worker that is held up by one', async () => {
    const workers = [await started(), await started()];
    await addNotes(...Array(JOBS).fill('one two'));
    const letGo = await holdFirst();
    await addJobs();
    await until('the other has done all others', async () => (await left()) === 1);
    await letGo();
    await until('all are done', async () => (await left()) === 0);

    assert.deepEqual(
      await done(),
      Array.from({ length: JOBS }, (_, index) => index + 1),
    );
    assert.deepEqual(await database.rows('SELECT DISTINCT words FROM notes'), [{ words: 2 }]);
    for (const worker of workers) worker.stop();
    assert.deepEqual(await Promise.all(workers.map(async (worker) => (await worker.end()).code)), [0, 0]);
  });

  test('ends what it has begun when it is told to end, and begins nothing more', async () => {
    await addNotes('one', 'two');
    const letGo = await holdFirst();
    await addJobs();
    const worker = await started();
    await database.somebodyWaits();
    worker.stop();
    await letGo();

    assert.equal((await worker.end()).code, 0);
    assert.deepEqual([await done(), await left()], [[1], 1]);
  });

  test('leaves its job to others when it is killed over it', async () => {
    await addNotes('one');
    const letGo = await holdFirst();
    await addJobs();
    const killed = await started();
    await database.somebodyWaits();
    killed.stop('SIGKILL');
    await killed.end();
    await letGo();

    const worker = await started();
    await until('it is done', async () => (await left()) === 0);
    worker.stop();
    assert.equal((await worker.end()).code, 0);
    assert.deepEqual(await done(), [1]);
  });

  test('puts off a job that fails, with its error, does the others, and leaves it alone after the fifth time', async () => {
    await addNotes('poison', 'one');
    await addJobs();
    const worker = await started();
    await until('the other one is done', async () => (await left()) === 1);
    for (const attempts of [1, 2, 3, 4, 5]) {
      await until(`it failed ${attempts} times`, async () => (await job()).attempts === attempts);
      assert.equal((await job()).later, true);
      await database.rows('UPDATE jobs SET due = now()');
    }
    assert.equal((await job()).error, 'it does not go down');

    await database.rows("UPDATE notes SET text = 'mended' WHERE id = 1");
    await database.rows("INSERT INTO notes (text) VALUES ('after')");
    await database.rows('INSERT INTO jobs (note) VALUES (3)');
    await until('the one after it is done', async () => (await left()) === 1);
    assert.equal((await job()).attempts, 5);
    worker.stop();
    assert.equal((await worker.end()).code, 0);
  });
  const job = async () => (await database.rows('SELECT *, due > now() AS later FROM jobs ORDER BY id'))[0];

  test('waits for a database that goes away, and goes on when it is back', async () => {
    const worker = await started();
    await addNotes('one');
    await addJobs();
    await until('it is done', async () => (await left()) === 0);
    await database.rows('ALTER TABLE jobs RENAME TO elsewhere');
    await until('it says so', () => worker.err.includes('The database does not answer as it should: relation "jobs"'));
    await database.rows('ALTER TABLE elsewhere RENAME TO jobs');
    await database.rows('INSERT INTO jobs (note) VALUES (1)');
    await until('it is done', async () => (await left()) === 0);
    worker.stop();
    assert.equal((await worker.end()).code, 0);
  });
});
