/** Whether `live` has all that `wanted` says. What a server adds by itself, such as defaults, is no difference; another length of a list is. */
export function holds(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((part, index) => holds(live[index], part))
    );
  }
  if (wanted === null || typeof wanted !== 'object') return live === wanted;
  if (live === null || typeof live !== 'object') return false;
  return Object.entries(wanted).every(([key, part]) => holds((live as Record<string, unknown>)[key], part));
}
