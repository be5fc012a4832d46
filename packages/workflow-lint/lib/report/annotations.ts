import { workflowCommand } from '@tenantry/text/workflow-command';
import type { Finding } from '../finding';

/** More of a kind GitHub does not show for a step; longer ones it refuses. */
const MOST = 10;
const LONGEST = 4096;

/** What was found, as commands that GitHub's runner makes annotations of. */
export function asAnnotations(findings: readonly Finding[]): string {
  return (['error', 'warning'] as const)
    .flatMap((level) =>
      limited(
        findings.filter((finding) => finding.level === level),
        level,
      ),
    )
    .join('\n');
}

function limited(findings: readonly Finding[], level: Finding['level']): readonly string[] {
  if (findings.length <= MOST) return findings.map(annotation);
  const shown = findings.slice(0, MOST - 1);
  const rest = `${findings.length - shown.length} more findings are in the log of this step.`;
  return [...shown.map(annotation), workflowCommand(level, { title: 'tenantry lint' }, rest)];
}

function annotation({ rule, level, file, line, column, message, mend }: Finding): string {
  const properties = { file, line, col: column, title: `tenantry lint: ${rule}` };
  return workflowCommand(level, properties, `${message}. ${mend}`.slice(0, LONGEST));
}
