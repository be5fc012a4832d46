import type { LeftOver, SeenServer } from '../../lib/fleet/left-over';
import { visible } from '../../lib/text/harmless';
import { age, ago } from '../status/age';

const NOT_YET = 'The operator has not looked yet. It does at its start, once an hour, and when a tenant came or went.';
const NOTES = `Nothing of this goes by itself. Before you drop anything, take a dump of it: docs/restore.md. Then, as the operator's administrator of that server
(psql --dbname=postgres), the statements below, from a list that was made just now: a tenant that came back since needs them. A database that is
in use is not dropped; if another cluster uses the server too, its tenants are listed here as well.`;

/** For people. `servers`: undefined before the operator has looked. */
export function leftOverText(servers: readonly SeenServer[] | undefined, now: Date): string {
  if (servers === undefined) return NOT_YET;
  const looked = servers.map(({ server, lookedAt }) => `${nameOf(server)} ${ago(lookedAt, now)}`).join(', ');
  const found = servers.flatMap(({ server, tenants }) => tenants.map((one) => entry(server, one, now)));
  const head = `Looked at: ${looked}.`;
  if (found.length === 0) return `Tenants that are gone have left nothing on the database servers. ${head}`;
  return [`What tenants that are gone have left on the database servers. ${head}`, NOTES, ...found].join('\n\n');
}

function entry(server: string, { tenant, databases, since, drop }: LeftOver, now: Date): string {
  const what = databases.map(({ name, bytes }) => `${visible(name)} (${sizeText(bytes)})`).join(', ') || 'a role alone';
  const head = `${visible(tenant)}: ${what}, on ${nameOf(server)}, seen since ${age(since, now)} (${visible(since)})`;
  return [head, ...drop.map((statement) => `  ${visible(statement)};`)].join('\n');
}

function nameOf(server: string): string {
  return server === '' ? 'the default server' : `the server ${visible(server)}`;
}

/** As PostgreSQL's pg_size_pretty says it, in one number. */
function sizeText(bytes: number | null): string {
  if (bytes === null) return 'size unknown';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** power).toPrecision(2))} ${units[power]}`;
}
