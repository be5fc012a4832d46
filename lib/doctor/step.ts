/** What a step of the set-up was found to lack, or why that can't be told of a part of it. */
export type Finding = { readonly flaw: string } | { readonly unknown: string };

/**
 * One step of the set-up: a heading in docs/set-up.md, and how it is asked whether it is done. To add one: an object in the file of its
 * system, and its heading.
 */
export interface Step<System> {
  /** The heading. */
  readonly name: string;
  /** What does it: a command, or a page. */
  readonly how: (system: System) => string;
  /** Why it is none here; undefined where it is one. Default: it always is one. */
  readonly notHere?: (system: System) => string | undefined;
  /**
   * Reads, and writes nothing. No finding: it is done.
   *
   * @throws any error where it can't be told; its message is for people.
   */
  readonly ask: (system: System) => AsyncIterable<Finding>;
}

export type Outcome = 'done' | 'not done' | 'not known' | 'not needed';

/** A step, and what came of asking. */
export interface Examined {
  /** What was asked: AWS, GitHub, the cluster. */
  readonly system: string;
  readonly step: string;
  readonly outcome: Outcome;
  /** What it lacks, why it is not known, or why it is not needed. */
  readonly because: readonly string[];
  /** What does it. */
  readonly how: string;
}

/** Asks for all steps of a system at once, in their order. One that can't be asked says so, and keeps no other from being asked. */
export function examine<System>(
  name: string,
  system: System,
  steps: readonly Step<System>[],
): Promise<readonly Examined[]> {
  return Promise.all(
    steps.map(async (step) => {
      const about = { system: name, step: step.name, how: step.how(system) };
      const reason = step.notHere?.(system);
      if (reason !== undefined) return { ...about, outcome: 'not needed', because: [reason] };
      const flaws: string[] = [];
      const unknown: string[] = [];
      try {
        for await (const finding of step.ask(system)) {
          if ('flaw' in finding) flaws.push(finding.flaw);
          else unknown.push(finding.unknown);
        }
      } catch (error) {
        unknown.push(error instanceof Error ? error.message : String(error));
      }
      const outcome = flaws.length > 0 ? 'not done' : unknown.length > 0 ? 'not known' : 'done';
      return { ...about, outcome, because: [...flaws, ...unknown] };
    }),
  );
}
