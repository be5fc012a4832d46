import { stripVTControlCharacters } from 'node:util';

/** Characters that are looked at: more than any line shows, and no work for a text of a megabyte. */
const LOOKED_AT = 4_000;

/**
 * What others say (a cluster, a host, a certificate) as one line that does nothing to a terminal or to the log of a GitHub workflow, where
 * `##[...]` is a command wherever it stands, and `::...::` is one where a line begins, such as one that was broken.
 */
export function plainText(text: string, longest = 300): string {
  const line = stripVTControlCharacters(text.slice(0, LOOKED_AT))
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll('##[', '## [')
    .trim()
    .replace(/(?<![^ ])::/g, ': :');
  const characters = [...line];
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
}
