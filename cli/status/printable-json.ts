/** Characters that a terminal acts on, or that hide and turn text: none of them means anything in our JSON. */
const UNPRINTABLE = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu;

/**
 * JSON that is safe to look at: the same value, with each character escaped that would do something to a terminal, or to the log of a
 * GitHub workflow, where `##[...]` is a command wherever it stands.
 */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, escaped).replaceAll('##[', '#\\u0023[');
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
