import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printableJson } from '@tenantry/text/harmless';
import type { ArtifactLocation, Log, ReportingDescriptor, Result } from 'sarif';
import { version } from '../../package.json';
import type { Finding } from '../finding';
import type { LintReport } from '../lint';
import { pageOf } from '../rule';
import { RULES } from '../rules';
import { SUPPRESSION } from '../suppression';

const DESCRIBED = [...RULES, SUPPRESSION];

/** What was found, as SARIF 2.1.0, which GitHub's code scanning and editors read. */
export function asSarif({ findings }: LintReport): string {
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tenantry lint', version, rules: DESCRIBED.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(result),
      },
    ],
  };
  return `${printableJson(log, 2)}\n`;
}

function descriptor({ id, level, summary, silent }: (typeof DESCRIBED)[number]): ReportingDescriptor {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: `${summary}. ${silent}` },
    help: { text: `${pageOf(id)} has an example, and the same mended.` },
    defaultConfiguration: { level },
  };
}

function result({ rule, level, file, line, column, endColumn, message, mend }: Finding): Result {
  const region = { startLine: line, startColumn: column, ...(endColumn !== undefined && { endColumn }) };
  return {
    ruleId: rule,
    ruleIndex: DESCRIBED.findIndex(({ id }) => id === rule),
    level,
    message: { text: `${message}. ${mend}` },
    locations: [{ physicalLocation: { artifactLocation: location(file), region } }],
  };
}

function location(file: string): ArtifactLocation {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split(sep).map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}
