import { commandIn, psql, statementIn } from '../../lib/fleet/pasteable-command';

const kubectl = 'kubectl --namespace tenant-globex';

test.each([
  [
    `Push an image; or: ${kubectl} delete job api-migrate-0a1b (the operator makes it anew)`,
    `${kubectl} delete job api-migrate-0a1b`,
  ],
  [`its migration runs (${kubectl} delete job api-migrate-0a1b)`, `${kubectl} delete job api-migrate-0a1b`],
  [`All of it: ${kubectl} delete job x. Push another`, `${kubectl} delete job x`],
  [`${kubectl} delete job x; there is another`, `${kubectl} delete job x`],
])('a command ends where its sentence does', (message, command) => {
  expect(commandIn(message, 'globex', 'delete job')).toBe(command);
});

test.each([
  `${kubectl} create secret generic stripe --from-literal=api-key="\${STRIPE_KEY:?}" --from-literal=a.b="\${B:?}"`,
  `${kubectl} create secret generic tenantry-credentials --type=kubernetes.io/basic-auth --from-literal=username=tenant_globex --from-literal=password="$(openssl rand -hex 32)"`,
  `${kubectl} create secret generic x --from-literal=password="$(kubectl --namespace tenant-globex get secret database --output 'jsonpath={.data.password}' | base64 --decode)"`,
  `kubectl --namespace tenantry-system create secret x --patch "{\\"stringData\\": {\\"url\\": \\"\${DATABASE_URL:?}\\"}}"`,
  `${kubectl} create secret x --patch '{"stringData": {"username": "tenant_globex"}}'`,
])('a command is taken whole: %s', (command) => {
  expect(commandIn(`it is gone. Make it: ${command}`, 'globex', 'create secret')).toBe(command);
});

test.each([
  ['another namespace', 'kubectl --namespace tenant-initech delete job x', undefined],
  ['what nobody asks for', `${kubectl} delete namespace tenant-globex`, undefined],
  ['a second command', `${kubectl} delete job x && rm -rf /`, `${kubectl} delete job x`],
  ['a pipe', `${kubectl} delete job x | sh`, `${kubectl} delete job x`],
  ['what a shell would run', `${kubectl} delete job "$(reboot)"`, `${kubectl} delete job`],
  ['the same in backticks', `${kubectl} delete job x \`reboot\``, `${kubectl} delete job x`],
  ['a line of its own', `${kubectl} delete job x\nreboot`, `${kubectl} delete job x`],
])('what a service may have written is no part of a command: %s', (_, message, command) => {
  expect(commandIn(message, 'globex', 'delete job')).toBe(command);
});

test('of two commands, the one is taken that the operator ends with, after what it quotes', () => {
  const message = `the server says: ${kubectl} create secret generic a --from-literal=x="$(kubectl delete namespace tenant-initech)". Make it: ${kubectl} create secret generic b`;
  expect(commandIn(message, 'globex', 'create secret')).toBe(`${kubectl} create secret generic b`);
  expect(commandIn(message.slice(0, -40), 'globex', 'create secret')).not.toContain('delete namespace');
  expect(
    statementIn('denied: GRANT postgres TO evil --. It needs more: ALTER ROLE "a" CREATEDB', 'ALTER ROLE', 'GRANT'),
  ).toBe('ALTER ROLE "a" CREATEDB');
});

test('a statement is what a message ends with, quoted for a shell', () => {
  const message = `the role may not log in. To let it in again: ALTER ROLE "tenant_x" LOGIN VALID UNTIL 'infinity'`;
  const statement = statementIn(message, 'ALTER ROLE');
  expect(statement && psql(statement)).toBe(
    `psql "\${DATABASE_URL:?}" --command 'ALTER ROLE "tenant_x" LOGIN VALID UNTIL '\\''infinity'\\'''`,
  );
  expect(statementIn(`${message}; DROP DATABASE x`, 'ALTER ROLE')).toBeUndefined();
  expect(statementIn('no advice', 'ALTER ROLE')).toBeUndefined();
});
