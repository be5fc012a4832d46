/** `2026-11-25 03:06:01 UTC, 2 min ago`: an old plan says what would have changed then. */
export function ageOf(time: string, now: Date): string {
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return 'at a time that is none';
  const minutes = Math.max(0, Math.floor((now.getTime() - then.getTime()) / 60_000));
  const age = minutes < 1 ? 'just now' : minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
  return `${shownTime(then)}, ${age}`;
}

/** `2026-11-25 03:06:01 UTC`. */
export function shownTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
