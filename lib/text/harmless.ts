import { stripVTControlCharacters } from 'node:util';

/**
 * What a terminal acts on, what begins a line, and what hides or turns text: control and format characters, halves of characters, those that
 * mean nothing to anybody else, and the separators of lines and paragraphs. All that is shown and was written by others (a cluster, a host,
 * a plan, a file) goes through here; each function below is another shape of the same.
 */
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}]/gu;
const HARMFUL_BUT_LINE_ENDS = /(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu;

/** Characters that are looked at: more than any line shows, and no work for a text of a megabyte. */
const LOOKED_AT = 4_000;

/** Longer values than any that may stand in a Tenant; what is longer is no name, and hides what stands after it. */
const LONGEST = 300;

/** A message as one line: whatever is no plain character is a space, and the colours of a terminal are gone. */
export function plainText(text: string, longest = LONGEST): string {
  const line = withoutCommands(
    stripVTControlCharacters(text.slice(0, LOOKED_AT))
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim(),
  );
  return cut(line, longest);
}

/** A value, or a line, as it is: what would not be seen is written as `\u{202e}`, so that two values that differ never look alike. */
export function visible(value: string): string {
  return visibleUpTo(LONGEST, value);
}

export function visibleUpTo(longest: number, value: string): string {
  return cut(withoutCommands(value.slice(0, LOOKED_AT).replace(HARMFUL, codePoint)), longest);
}

/** Text of several lines as it is, each as `visible` shows one, of whatever length. */
export function visibleLines(text: string): string {
  return text
    .replaceAll('\t', '    ')
    .split('\n')
    .map((line) => withoutCommands(line.replace(HARMFUL, codePoint)))
    .join('\n');
}

/** JSON of the same value, with each harmful character escaped: it means nothing in ours. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(HARMFUL_BUT_LINE_ENDS, codeUnits).replaceAll('##[', '#\\u0023[');
}

/**
 * Without what a GitHub runner takes for a command in the output of a step: `##[...]` wherever it stands, and `::...::` where a line begins,
 * such as one that is broken later. To be asked of whole lines too: two values that are harmless can make a command together.
 */
export function withoutCommands(text: string): string {
  return text.replace(/(?<!\S):{2,}/g, (colons) => [...colons].join(' ')).replaceAll('##[', '## [');
}

/** Cut between two characters. */
function cut(line: string, longest: number): string {
  const characters = [...line];
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
}

function codePoint(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

function codeUnits(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
