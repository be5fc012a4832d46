const { setTimeout: sleep } = require('node:timers/promises');
const { inOneLine, openPool } = require('./database.js');

/** After so many attempts a job stays in its table, with its error, for a person. */
const MOST_ATTEMPTS = 5;
/** Milliseconds. */
const LOOK_EVERY = 1_000;

const pool = openPool('apiserver worker', { max: 1 });
const stopping = new AbortController();

/**
 * Takes a job that nobody else has, does it, and takes it off the table, all in one transaction: whoever dies over a job leaves it to
 * the others. Returns whether there was one.
 */
async function doOne() {
  const client = await pool.connect();
  let lost;
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(
      'SELECT id, note FROM jobs WHERE due <= now() AND attempts < $1 ORDER BY due, id LIMIT 1 FOR UPDATE SKIP LOCKED',
      [MOST_ATTEMPTS],
    );
    const [job] = rows;
    if (job) await attempt(client, job);
    await client.query('COMMIT');
    return job !== undefined;
  } catch (error) {
    lost = error;
    throw error;
  } finally {
    // A connection on which something went wrong is closed, and takes its transaction along.
    client.release(lost);
  }
}

async function attempt(client, { id, note }) {
  await client.query('SAVEPOINT job');
  try {
    await countWords(client, note);
    await client.query('DELETE FROM jobs WHERE id = $1', [id]);
  } catch (error) {
    console.error(`job ${id}: ${inOneLine(error)}`);
    await client.query('ROLLBACK TO SAVEPOINT job');
    // Later each time, so that a job that always fails does not keep the others waiting.
    await client.query(
      "UPDATE jobs SET attempts = attempts + 1, due = now() + interval '10 seconds' * 2 ^ attempts, error = $2 WHERE id = $1",
      [id, inOneLine(error)],
    );
  }
}

async function countWords(client, note) {
  const { rows } = await client.query('SELECT text FROM notes WHERE id = $1', [note]);
  const words = rows[0]?.text.match(/\S+/g)?.length ?? 0;
  await client.query('UPDATE notes SET words = $2 WHERE id = $1', [note, words]);
}

async function main() {
  console.log('waiting for jobs');
  while (!stopping.signal.aborted) {
    const found = await doOne().catch((error) => {
      // The database comes back; a pod that ends again and again waits longer each time.
      console.error(`The database does not answer as it should: ${inOneLine(error)}`);
      return false;
    });
    if (!found) await sleep(LOOK_EVERY, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
  await pool.end();
}

// What it has begun it ends, and begins nothing more.
process.once('SIGTERM', () => stopping.abort());

main();
