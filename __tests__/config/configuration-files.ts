import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Configuration, loadConfiguration } from '../../lib/config/load';
import { ConfigurationError } from '../../lib/config/problem';

export const GOOD_PLATFORM = `name: acme
release: releases/0.0.2
github: acme/platform
registry:
  account: "123456789012"
  region: eu-central-1
services:
  web-client: { github: acme/web-client, port: 3000 }
  apiserver: { github: acme/apiserver, port: 8080, replicas: 2 }
cluster:
  eks: acme-production
state:
  bucket: acme-tenantry-state
rings: [canary, { name: general, unproven: allow }]
`;

export const GOOD_TENANT = 'host: globex.example.com\n';

/** Texts by path; null takes a file of the good configuration away. */
export type Files = Readonly<Record<string, string | Buffer | null>>;

/** What `files` load as, on top of a good platform file and one good tenant, `globex`. */
export function load(files: Files = {}, platformFile = 'platform.yaml'): Configuration {
  return inFolder(files, (folder) => loadConfiguration(join(folder, platformFile)));
}

/** The lines of the ConfigurationError with which `files` are refused, with paths from their folder. */
export function problems(files: Files, platformFile = 'platform.yaml'): string[] {
  return inFolder(files, (folder) => {
    try {
      loadConfiguration(join(folder, platformFile));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const [header, ...lines] = error.message.replaceAll(`${folder}/`, '').split('\n');
      const count = error.problems.length;
      expect(header).toBe(`the configuration has ${count} problem${count === 1 ? '' : 's'}:`);
      expect(lines).toHaveLength(count);
      return lines.map((line) => line.trim());
    }
    throw new Error('the configuration was accepted');
  });
}

/** Runs `use` in a folder that holds the files, and removes it. */
export function inFolder<Result>(files: Files, use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-configuration-'));
  try {
    mkdirSync(join(folder, 'tenants'));
    const all: Files = { 'platform.yaml': GOOD_PLATFORM, 'tenants/globex.yaml': GOOD_TENANT, ...files };
    for (const [path, text] of Object.entries(all)) {
      if (text === null) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The text with one part of it replaced; the part must be there. */
export function changed(text: string, part: string, by: string): string {
  if (!text.includes(part)) throw new Error(`there is no "${part}" in the text`);
  return text.replace(part, () => by);
}
