import { NAMESPACE_PREFIX } from '../tenant/names';

/** What may stand within double quotes: what the operator has a shell fill in, and nothing else that a shell would. */
const FILLED_IN = String.raw`\$\{[A-Z_][A-Z0-9_]*:\?\}|\$\(openssl rand -hex 32\)|\$\(kubectl --namespace [a-z0-9-]+ get secret [a-z0-9.-]+ --output 'jsonpath=\{\.data\.password\}' \| base64 --decode\)`;
/** A word of a command as the operator writes it. */
const WORD = new RegExp(
  String.raw`^(?:[\w./=:@%+,-]|'[^']*'|"(?:\\[^\n]|[^"\\\x60$]|${FILLED_IN})*"|\$\(date \+%s\))+`,
);

/**
 * The last command in a message of the operator's that does one of these, such as `create secret`, in the tenant's namespace or the
 * operator's own; undefined where there is none. A message may quote a server, before what the operator advises: nothing but what the operator
 * itself would write is taken for a command. Not for messages that quote what a service wrote.
 */
export function commandIn(message: string, tenant: string, ...actions: readonly string[]): string | undefined {
  const heads = actions.flatMap((action) =>
    [`${NAMESPACE_PREFIX}${tenant}`, 'tenantry-system'].map(
      (namespace) => `kubectl --namespace ${namespace} ${action}`,
    ),
  );
  const found = heads.map((head) => ({ head, at: message.lastIndexOf(head) })).filter(({ at }) => at >= 0);
  const [last] = found.sort((a, b) => b.at - a.at);
  return last && `${last.head}${wordsAfter(message.slice(last.at + last.head.length))}`;
}

/** The statement with which a message ends; undefined where it does not end with one that begins like this. */
export function statementIn(message: string, ...verbs: readonly string[]): string | undefined {
  return new RegExp(`^[^]*: ((?:${verbs.join('|')}) [^;]*)$`).exec(message)?.[1];
}

/** For psql, as the administrator of the database server whose URL is in the shell's `DATABASE_URL`. */
export function psql(statement: string): string {
  return `psql "\${DATABASE_URL:?}" --command '${statement.replaceAll("'", `'\\''`)}'`;
}

/** Up to where the sentence ends. */
function wordsAfter(text: string): string {
  const word = WORD.exec(text.replace(/^ /, ''))?.[0];
  if (word === undefined || !text.startsWith(text[0] === ' ' ? ` ${word}` : word)) return '';
  const space = text.startsWith(' ') ? ' ' : '';
  const ended = /[.,]$/.test(word);
  const own = ended ? word.slice(0, -1) : word;
  return space + own + (ended ? '' : wordsAfterSpace(text.slice(space.length + word.length)));
}

function wordsAfterSpace(text: string): string {
  return text.startsWith(' ') ? wordsAfter(text) : '';
}
