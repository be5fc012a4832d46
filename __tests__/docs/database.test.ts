import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const PAGE = readFileSync(join(__dirname, '../../docs/database.md'), 'utf8');
const COMMANDS = [...PAGE.matchAll(/```sh\n([^`]+)```/g)].map(([, command = '']) => command);

/** In place of the cluster and of AWS: what the first is told, and a file as the second has it. */
const KUBECTL = '#!/usr/bin/env node\nconsole.log(JSON.stringify(process.argv.slice(2)));\n';
const CURL = '#!/bin/sh\nfor url; do :; done\nprintf "a certificate\\n" > "$(basename "$url")"\n';

describe('what docs/database.md has to be typed', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-docs-'));
    for (const [name, text] of Object.entries({ kubectl: KUBECTL, curl: CURL }))
      writeFileSync(join(folder, name), text, { mode: 0o755 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a command comes to in the operator's Secret. */
  const told = (command: string): Record<string, string> => {
    const env = {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      DATABASE_URL: 'postgresql://a:b@c/d',
    };
    const output = execFileSync('bash', ['-euc', command], { cwd: folder, env, encoding: 'utf8' });
    const [namespace, value, verb, ...words] = JSON.parse(output) as string[];
    expect([namespace, value, words.includes('tenantry-database')]).toEqual(['--namespace', 'tenantry-system', true]);
    if (verb === 'create') {
      const literals = words.filter((word) => word.startsWith('--from-literal='));
      return Object.fromEntries(
        literals.map((word) => /^--from-literal=([^=]+)=(.*)$/.exec(word)?.slice(1) as string[]),
      );
    }
    const { stringData = {}, data = {} } = JSON.parse(words[words.indexOf('--patch') + 1] as string);
    const decoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(String(text), 'base64').toString()]);
    return { ...stringData, ...Object.fromEntries(decoded) };
  };

  test('tells the operator what the page says it does', () => {
    expect(COMMANDS.map(told)).toEqual([
      { url: 'postgresql://tenantry_operator:password@db.example.com:5432/postgres' },
      { url: 'postgresql://tenantry_operator:new-password@db.example.com:5432/postgres' },
      { 'ca.crt': 'a certificate\n' },
      { 'tenants-url': 'postgresql://pooler.example.com:6432' },
      { 'eu-2.url': 'postgresql://a:b@c/d' },
    ]);
  });
});
