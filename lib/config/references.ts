import type { Variable } from '../tenant/env';

/** Variables as they stand in a file: values by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * The names that a text refers to, as Kubernetes reads it: `$(NAME)` is a reference, `$$` is a "$", and all else is text.
 * https://github.com/kubernetes/kubernetes: third_party/forked/golang/expansion/expand.go
 */
export function references(text: string): string[] {
  return [...text.matchAll(/\$\$|\$\(([^)]*)\)/g)].flatMap(([, name]) => name ?? []);
}

/** By name, but each behind those that it refers to: Kubernetes fills in what stands before it alone. */
export function inOrder(variables: Variables): Variable[] {
  const ordered = new Map<string, Variable>();
  const begun = new Set<string>();
  const add = (name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined || begun.has(name)) return;
    begun.add(name);
    for (const other of references(value)) add(other);
    ordered.set(name, { name, value });
  };
  for (const name of Object.keys(variables).sort()) add(name);
  return [...ordered.values()];
}

/** The shortest way on which a variable refers to itself, such as A, B, A; undefined where it does not. */
export function circleOf(name: string, variables: Variables): string[] | undefined {
  const ways = [[name]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const other of references(variables[way.at(-1) as string] as string)) {
      if (other === name) return [...way, name];
      if (seen.has(other) || !Object.hasOwn(variables, other)) continue;
      seen.add(other);
      ways.push([...way, other]);
    }
  }
  return undefined;
}
