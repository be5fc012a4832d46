const { readFileSync } = require('node:fs');
const { Client, Pool } = require('pg');

/**
 * What libpq means by PGSSLMODE. The driver takes all but `disable` for `verify-full`: https://node-postgres.com/features/ssl.
 * `prefer` is `require` here, for the driver cannot go on without TLS where a server has none.
 */
const TLS = {
  disable: false,
  allow: false,
  prefer: { rejectUnauthorized: false },
  require: { rejectUnauthorized: false },
  'verify-ca': { checkServerIdentity: () => undefined },
  'verify-full': {},
};

/** Verified by the certificates in PGSSLROOTCERT, or by those that Node.js trusts. The file is read at each connection, for it changes. */
function tls() {
  const { PGSSLMODE = 'disable', PGSSLROOTCERT: file = 'system' } = process.env;
  if (!PGSSLMODE.startsWith('verify-') || file === 'system') return TLS[PGSSLMODE];
  return Object.defineProperty({ ...TLS[PGSSLMODE] }, 'ca', { enumerable: true, get: () => readFileSync(file) });
}

/** The driver reads the rest of PG* by itself. */
const settings = (name) => ({
  application_name: name,
  ssl: tls(),
  connectionTimeoutMillis: 5000,
});

/** A connection that is lost says so by an event too, which ends the process if nobody listens: the next query fails as well, and is seen. */
const survive = (connection) => connection.on('error', () => undefined);

/** For a process that runs to its end. */
async function connect(name) {
  const client = survive(new Client(settings(name)));
  await client.connect();
  return client;
}

/** Few connections: every tenant's pods share one server. */
function openPool(name, options) {
  return survive(new Pool({ ...settings(name), max: 5, ...options })).on('connect', survive);
}

/** One line. A server that is not there has no message, but a code: it was tried at each of its addresses. */
function inOneLine(error) {
  return String(error.message || error.code || error).replace(/\s+/g, ' ');
}

module.exports = { connect, openPool, inOneLine };
