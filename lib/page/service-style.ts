/** Widths of the matrix's columns, in rem: tenant, ring, and at least so much for the state and for each service. */
const [TENANT, RING, STATE, SERVICE] = [15, 7, 18, 11];

/** What of the matrix depends on how many services it has: its columns, and to show one service alone. */
export function serviceStyle(services: number): string {
  const each = [...Array(services).keys()];
  return [
    columns('#matrix', services),
    columns('#matrix[data-service]', 1),
    ...each.map((index) => `#matrix[data-service="${index}"] .s:not(.s${index}) { display: none; }`),
  ].join('\n');
}

function columns(selector: string, services: number): string {
  const columns = `${TENANT}rem ${RING}rem minmax(${STATE}rem, 2fr) repeat(${services}, minmax(${SERVICE}rem, 1fr))`;
  return `${selector} { --columns: ${columns}; --width: ${TENANT + RING + STATE + SERVICE * services}rem; }`;
}
