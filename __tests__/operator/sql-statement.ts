/** Where words are no keywords: strings, quoted names, comments. */
const STRING = String.raw`\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|(\$\w*\$).*?\1`;
const OPAQUE = new RegExp(String.raw`${STRING}|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/`, 'gis');
const PASSWORD = new RegExp(String.raw`\b(PASSWORD\s+)(?:${STRING.replace(String.raw`\1`, String.raw`\2`)})`, 'gis');

const WRITE =
  /^(COMMIT|CREATE|ALTER|DROP|GRANT|REVOKE|REASSIGN|COMMENT|SECURITY|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|DO|CALL|WITH\b.*\b(INSERT|UPDATE|DELETE|MERGE))\b/is;

/** Whether any of these statements changes something. BEGIN and SET change nothing themselves; COMMIT makes it last. */
export function isWrite(sql: string): boolean {
  const statements = sql.replace(OPAQUE, (opaque) => (/^(--|\/\*)/.test(opaque) ? ' ' : '_')).split(';');
  return statements.some((statement) => WRITE.test(statement.trim()));
}

/** In one line, without passwords: they are new in each run, and nobody's business. */
export function describeStatement(sql: string): string {
  return sql
    .replace(PASSWORD, "$1'***'")
    .replace(/\s+/g, ' ')
    .replace(/[\s;]+$/, '')
    .trim();
}
