import type { Part } from '../workflow/part';
import type { Step } from '../workflow/workflow';
import { jsonKeys } from './json-keys';
import type { Sender } from './sender';

/** The events of repositories, and not those of /actions/workflows/<file>/dispatches, which start one workflow. */
const ENDPOINT = /\b(?:repos|repositories)\/((?:\$\{\{.*?\}\}|\S)*?)\/dispatches\b/g;
/** The same, by an address that is put together elsewhere, or by Octokit. */
const MENTION = /\bcreateDispatchEvent\b|(?<!\/workflows\/\S*)\/dispatches\b/;
const TYPE = /event_type["'\\]*\s*[=:]\s*["'\\]*((?:\$\{\{.*?\}\}|\$\{\w+\}|[^"'\\\s,}])+)/g;

/** `gh api repos/<owner>/<name>/dispatches`, curl, and whatever else a script calls that by. */
export function shellSenders({ run }: Step): readonly Sender[] {
  const script = run?.text ?? '';
  const targets = [...script.matchAll(ENDPOINT)].map(([, target = '']) => target);
  const events = targets.filter((target) => !target.includes('/actions/workflows/'));
  if (!run || (events.length === 0 && (targets.length > 0 || !MENTION.test(script)))) return [];
  const types = [...run.source.matches(TYPE, run.place.line, run.lastLine)];
  const target = events.length === 1 ? own(events[0] ?? '') : '';
  if (types.length === 0) return [{ place: run.place, type: undefined, target, payloadKeys: undefined }];
  return types.map(({ place, match }) => ({
    place,
    type: match[1],
    target,
    payloadKeys: types.length === 1 ? payloadKeys(run) : undefined,
  }));
}

/** `{owner}/{repo}` is what gh fills in by the repository that it is in. */
function own(target: string): string | undefined {
  return /^[{:]owner\}?\/[{:]repo\}?$/.test(target) || /github\.repository\s*\}|GITHUB_REPOSITORY/.test(target)
    ? undefined
    : target.replace(/["'\\]/g, '');
}

function payloadKeys({ text = '' }: Part): number | undefined {
  const fields = new Set([...text.matchAll(/client_payload\[(\w+)\]/g)].map(([, key]) => key));
  if (fields.size > 0) return fields.size;
  const json = /"client_payload\\?"\s*:\s*\{/.exec(text);
  if (!json) return 0;
  const start = json.index + json[0].length - 1;
  return jsonKeys(text.slice(start, closing(text, start)).replace(/\\"/g, '"'));
}

/** Behind the brace that closes the one at `start`. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}
