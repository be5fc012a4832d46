/** What terminals, side by side with something else, and the logs of workflows show of a line. */
export const WIDTH = 100;

/** Text in lines of at most `WIDTH` characters, the second and later ones indented further than the first. */
export function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const start = lines.length === 0 ? indent : `${indent}  `;
    if (line !== '' && start.length + line.length + 1 + word.length > WIDTH) {
      lines.push(start + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, (lines.length === 0 ? indent : `${indent}  `) + line];
}
