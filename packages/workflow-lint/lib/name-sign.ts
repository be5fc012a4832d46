const DEPLOYS = /^(re)?deploys?$|^rollout$|^promote$/;
const PUBLISHES = /^(publish|release)$/;
/** "notify deploy", "deploy summary", "publish test results": these are about a deployment, or about something else. */
const BEFORE = words(
  'after before can changes check checks comment detect draft dry e2e gate guard lint no notify plan post pre',
  'prepare report should skip smoke test tests validate verify wait',
);
const AFTER = words(
  'check checks comment coverage diff draft drafter gate guard junit label labels link note notes notification notify',
  'plan report reports result results status summary test tests unit url',
);

/** Whether the name of a job says that it deploys or publishes. */
export function nameSign(name: string): 'deploys' | 'publishes' | undefined {
  const parts = name.toLowerCase().split(/[^a-z0-9]+/);
  const at = parts.findIndex((part) => DEPLOYS.test(part) || PUBLISHES.test(part));
  const verb = parts[at];
  if (verb === undefined) return undefined;
  const deploys = DEPLOYS.test(verb);
  const joined = ['and', 'then'].includes(parts[at - 1] ?? '');
  if (!joined && parts.slice(0, at).some((part) => BEFORE.has(part))) return undefined;
  const after = parts.slice(at + 1, deploys ? at + 2 : undefined);
  if (after.some((part) => AFTER.has(part))) return undefined;
  return deploys ? 'deploys' : 'publishes';
}

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
