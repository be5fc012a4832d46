/** How many keys an object has, of which JSON text is given; expressions and shell variables in it may be anything. */
export function jsonKeys(json: string): number | undefined {
  const plain = json.replace(/\$\{\{.*?\}\}/gs, '0').replace(/(?<!["\w\\])\$\{?\w+\}?(?=\s*[,}])/g, '0');
  try {
    const value: unknown = JSON.parse(plain);
    return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
  } catch {
    return undefined;
  }
}
