/** Is `version` ("1.26.8", "3.11") at least `wanted`? Compares as many parts as `wanted` has. */
export function isAtLeast(version: string, wanted: string): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const ours = parts[index] ?? 0;
    if (ours !== part) return ours > part;
  }
  return true;
}
