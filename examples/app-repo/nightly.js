const { connect, inOneLine } = require('./database.js');

/** Days that a note is kept. */
function daysToKeep() {
  const { KEEP_DAYS = '30' } = process.env;
  // Anything else could be taken for 0, which keeps nothing.
  if (/^[1-9]\d{0,4}$/.test(KEEP_DAYS)) return Number(KEEP_DAYS);
  throw new Error(`KEEP_DAYS must be a number of days from 1 to 99999, and not "${KEEP_DAYS}"`);
}

async function main() {
  const days = daysToKeep();
  const client = await connect('apiserver nightly');
  try {
    const { rowCount } = await client.query('DELETE FROM notes WHERE created < now() - make_interval(days => $1)', [
      days,
    ]);
    console.log(`deleted ${rowCount} notes older than ${days} days`);
  } finally {
    await client.end();
  }
}

// Node as the first process of a container does not end by itself when it is asked to.
process.once('SIGTERM', () => process.exit(143));

main().catch((error) => {
  console.error(`Nothing was deleted: ${inOneLine(error)}`);
  process.exitCode = 1;
});
