import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivate(file: string, content: string): void {
  const aside = `${file}.${process.pid}.new`;
  writeFileSync(aside, content, { mode: 0o600 });
  renameSync(aside, file);
}
