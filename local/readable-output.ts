import { stripVTControlCharacters } from 'node:util';

/** What cdktf prints where there is no terminal, as a person reads it: there, each frame of its spinner is a line, and control sequences are text. */
export function readableOutput(output: string): string {
  const plain = stripVTControlCharacters(output.replaceAll('\\u{1b}', '\u{1b}'));
  const lines = plain.split('\n').filter((line) => !/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u.test(line));
  return lines.join('\n').replace(/\n{3,}/g, '\n\n');
}
