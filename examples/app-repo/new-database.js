// For the tests: a database that nobody has used, and the processes of this service on it.
const { spawn } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { Client } = require('pg');

/** For `test` and `describe`: without PostgreSQL these are left out, and say why. */
const needsPostgres = {
  skip: process.env.PGHOST
    ? false
    : 'needs PostgreSQL: set PGHOST, PGUSER, PGPASSWORD of a role that may create databases',
};

/** A database of its own for each test file, since those run side by side. */
class NewDatabase {
  constructor(name, client) {
    this.name = name;
    this.client = client;
    this.processes = [];
    this.holders = [];
  }

  static async create() {
    const name = `apiserver_test_${randomBytes(6).toString('hex')}`;
    await maintain(`CREATE DATABASE ${name}`);
    return new NewDatabase(name, await connect(name));
  }

  /** Ends what a test has left running or locked, as one that failed does. */
  async settle() {
    for (const { child } of this.processes) child.kill('SIGKILL');
    await Promise.all(this.processes.map((process) => process.end()));
    await Promise.all(this.holders.map((holder) => holder.end()));
    this.processes = [];
    this.holders = [];
  }

  async drop() {
    await this.settle();
    await this.client.end();
    await maintain(`DROP DATABASE ${this.name} WITH (FORCE)`);
  }

  async rows(sql, values) {
    return (await this.client.query(sql, values)).rows;
  }

  /** Runs a statement in a transaction that goes on, with its locks, until what this returns is called. */
  async hold(sql) {
    const holder = await connect(this.name);
    this.holders.push(holder);
    await holder.query('BEGIN');
    await holder.query(sql);
    return () => holder.query('COMMIT');
  }

  /** Starts `node <args>` here, as the platform would start it in the image. */
  start(args, env = {}) {
    const started = new Started(args, { ...process.env, PGDATABASE: this.name, ...env });
    this.processes.push(started);
    return started;
  }

  /** Runs it to its end. */
  run(args, env) {
    return this.start(args, env).end();
  }

  /** Waits until somebody waits here, for a lock or for what `event` says. */
  async somebodyWaits(event = 'Lock') {
    await until(`somebody waits for ${event}`, async () => {
      const waiting = await this.rows(
        'SELECT FROM pg_stat_activity WHERE datname = current_database() AND $1 IN (wait_event_type, wait_event)',
        [event],
      );
      return waiting.length > 0;
    });
  }
}

class Started {
  constructor(args, env) {
    this.out = '';
    this.err = '';
    this.child = spawn(process.execPath, args, { cwd: __dirname, env });
    this.child.stdout.on('data', (text) => {
      this.out += text;
    });
    this.child.stderr.on('data', (text) => {
      this.err += text;
    });
    this.closed = once(this.child, 'close');
  }

  /** Waits for something that it writes, and returns what the pattern found there. */
  async says(pattern) {
    await until(`it says ${pattern}`, () => {
      if (this.child.exitCode !== null) throw new Error(`it ended and never said ${pattern}: ${this.err}`);
      return pattern.test(this.out);
    });
    return this.out.match(pattern);
  }

  stop(signal = 'SIGTERM') {
    this.child.kill(signal);
  }

  async end() {
    const [code] = await this.closed;
    return { code, out: this.out, err: this.err };
  }
}

async function connect(database) {
  const client = new Client({ database, statement_timeout: 60_000 });
  // A database that is dropped takes its connections along.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs a statement where one may make and drop databases: in none of those. */
async function maintain(sql) {
  const client = await connect(process.env.PGDATABASE);
  await client.query(sql);
  await client.end();
}

async function until(what, condition) {
  for (const deadline = Date.now() + 60_000; !(await condition()); await sleep(20))
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
}

module.exports = { NewDatabase, needsPostgres, until };
