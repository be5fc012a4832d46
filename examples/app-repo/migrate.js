const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { connect, inOneLine } = require('./database.js');

/** Any number, but always the same: whoever has it migrates this database, and others wait. */
const LOCK = 7_331_001;

const FOLDER = process.argv[2] ?? join(__dirname, 'migrations');

/** Runs what has not run yet, in the order of the names, each in a transaction with the note that it has run. There is no way back. */
async function migrate(client) {
  // Should this process be killed, its statement goes with it, and so does the lock, in place of running on until it is done.
  await client.query("SET client_connection_check_interval = '2s'");
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  // A change that waits for a lock holds up everybody who comes after it: rather fail, and be run again.
  await client.query("SET lock_timeout = '10s'");
  await client.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, ran timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await client.query('SELECT name FROM migrations');
  const done = new Set(rows.map(({ name }) => name));
  const all = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));
  const missing = all.sort().filter((name) => !done.has(name));
  for (const name of missing) {
    await run(client, name, readFileSync(join(FOLDER, name), 'utf8'));
    console.log(`ran ${name}`);
  }
  console.log(missing.length === 0 ? 'nothing to do' : `${missing.length} of ${all.length} migrations ran`);
}

async function run(client, name, sql) {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
  } catch (error) {
    // The connection may be what failed. Its end takes the transaction back too.
    await client.query('ROLLBACK').catch(() => undefined);
    const line = error.position ? `:${sql.slice(0, Number(error.position)).split('\n').length}` : '';
    throw new Error(`${name}${line}: ${inOneLine(error)}`, { cause: error });
  }
}

async function main() {
  const client = await connect('apiserver migrate');
  try {
    await migrate(client);
  } finally {
    await client.end();
  }
}

// Node as the first process of a container does not end by itself when it is asked to. What has not been committed has not happened.
process.once('SIGTERM', () => process.exit(143));

// One line, and the last one: the platform shows it to whoever asks why the tenant does not take the image.
main().catch((error) => {
  console.error(`The migration failed: ${inOneLine(error)}`);
  process.exitCode = 1;
});
