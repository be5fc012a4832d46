import { stripVTControlCharacters } from 'node:util';

/** What `cdktf deploy` came to, a line a stack: its output begins with a stack's name where the speaker changes. */
export function terraformOutcomes(output: string): string[] {
  const outcomes = new Map<string, string>();
  let stack = '';
  for (const line of stripVTControlCharacters(output).split('\n')) {
    stack = line.match(/^([\w-]+) {2}/)?.[1] ?? stack;
    const outcome = line.match(/No changes\.|Resources: .*/)?.[0];
    // After "No changes." Terraform still counts to zero.
    if (outcome && outcomes.get(stack) !== 'No changes.') outcomes.set(stack, outcome);
  }
  return [...outcomes].map(([name, outcome]) => `${name}: ${outcome}`);
}
