/** Longer values than any that may stand in a Tenant; what is longer is no name, and hides what stands after it. */
const LONGEST = 300;

/**
 * A value out of a plan, to be shown in a line: whoever could write to the cluster could have written it. Without line ends and other
 * control characters, without what turns or hides text, and without what a GitHub runner takes for a command in the output of a step.
 */
export function visible(value: string): string {
  const shown = withoutCommands(value.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, escaped));
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST)}...`;
}

/** Without what a GitHub runner takes for a command. To be asked of whole lines too: two values that are harmless can make one together. */
export function withoutCommands(text: string): string {
  return text.replace(/:(?=:)/g, ': ').replace(/##(?=\[)/g, '# #');
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
