/**
 * A command that GitHub's runner reads out of what a step prints, and marks the run, or a line of a file, with. Escaped as
 * `@actions/core` does it.
 */
export function workflowCommand(
  level: 'error' | 'warning',
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const given = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${level} ${given.join(',')}::${escaped(message)}`;
}

function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
