const { createServer } = require('node:http');
const { inOneLine, openPool } = require('./database.js');

/** As platform.yaml calls it: requests arrive with the path of the service before theirs. */
const SERVICE = 'apiserver';
const LONGEST_BODY = 16 * 1024;
/** Milliseconds. Both are over before the 25 seconds that a pod has to end, unless the platform file says otherwise. */
const QUERY_WITHIN = 5_000;
const END_WITHIN = 15_000;

const pool = openPool(SERVICE, { statement_timeout: QUERY_WITHIN });

/** Who answers, as `tenantry verify` reads it. Of a secret only whether it is there. */
function introduction() {
  const { TENANT = 'nobody', GIT_SHA = 'unknown', STRIPE_KEY } = process.env;
  return { tenant: TENANT, service: SERVICE, commit: GIT_SHA, hasStripeKey: Boolean(STRIPE_KEY) };
}

/** Each answers with a status and what becomes JSON. */
const routes = {
  // Without the database: what does not answer here is started again, which brings no database back.
  [`GET /${SERVICE}/v1/health`]: async () => [200, introduction()],

  [`GET /${SERVICE}/v1/notes`]: async () => {
    const { rows } = await pool.query('SELECT id, text, words, created FROM notes ORDER BY id DESC LIMIT 100');
    return [200, rows];
  },

  // The note and its job in one statement: there is never one without the other.
  [`POST /${SERVICE}/v1/notes`]: async (request) => {
    const text = textOf(await body(request));
    const { rows } = await pool.query(
      `WITH note AS (INSERT INTO notes (text) VALUES ($1) RETURNING id, text, words, created),
            job AS (INSERT INTO jobs (note) SELECT id FROM note)
       SELECT * FROM note`,
      [text],
    );
    return [201, rows[0]];
  },
};

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function body(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new Refused(413, `a note may have ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function textOf(json) {
  try {
    const { text } = JSON.parse(json);
    // PostgreSQL keeps no NUL in a text.
    if (typeof text === 'string' && !text.includes('\0')) return text;
  } catch {
    // Nothing that anybody could read.
  }
  throw new Refused(400, 'send JSON such as { "text": "..." }');
}

async function answer(request) {
  const route = routes[`${request.method} ${request.url.split('?')[0]}`];
  if (!route) return [404, { error: 'there is nothing here' }];
  try {
    return await route(request);
  } catch (error) {
    if (error instanceof Refused) return [error.status, { error: error.message }];
    // For whoever runs it: what a database says is nobody else's.
    console.error(`${request.method} ${request.url}: ${inOneLine(error)}`);
    return [503, { error: 'the database does not answer as it should' }];
  }
}

const server = createServer(async (request, response) => {
  const [status, content] = await answer(request);
  // A connection that stays open would hold up the end of the process; and one with a body that nobody reads is of no further use.
  const close = !server.listening || !request.complete;
  response.writeHead(status, { 'content-type': 'application/json', ...(close && { connection: 'close' }) });
  response.end(`${JSON.stringify(content)}\n`);
});

server.listen(Number(process.env.PORT ?? 3000), () => console.log(`listening on port ${server.address().port}`));

// Kubernetes asks a pod to end by this; Node as the first process of a container would not. What was begun is answered.
process.once('SIGTERM', () => {
  server.close(() => pool.end());
  setTimeout(() => server.closeAllConnections(), END_WITHIN).unref();
});
