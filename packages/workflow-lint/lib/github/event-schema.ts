import { github } from './packages';

/** The filters that an event has, by the schema of GitHub's package: none where it has none, or is none. */
export function filtersOf(event: string): readonly string[] {
  const mapping = github().schema.definitions[`${schemaName(event)}-mapping`];
  return mapping && 'properties' in mapping ? Object.keys(mapping.properties as object) : [];
}

/** The kinds of an event: opened, closed. */
export function typesOf(event: string): readonly string[] {
  const name = `${schemaName(event)}-activity-type`;
  const type = github().schema.definitions[name];
  const each = type && 'oneOf' in type ? (type.oneOf as readonly string[]) : [];
  return each.map((one) => one.slice(name.length + 1));
}

function schemaName(event: string): string {
  return event.replaceAll('_', '-');
}
