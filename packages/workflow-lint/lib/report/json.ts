import { printableJson } from '@tenantry/text/harmless';
import type { LintReport } from '../lint';

/** Counts up when something in the format is taken away, or means something else. */
const VERSION = 1;

/** What was found, for programs. */
export function asJson({ repositories, findings }: LintReport): string {
  const workflows = repositories.flatMap((repository) => repository.workflows.map(({ source }) => source.file));
  return `${printableJson({ version: VERSION, workflows, findings }, 2)}\n`;
}
