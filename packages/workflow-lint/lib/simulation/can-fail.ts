import type { Step } from '../workflow/workflow';

/** Ends a script as a failure, in any language: not `exit 0`, and not `exit` alone, which ends it as the command before. */
const FAILS =
  /\b(exit|return)\s+(?!0\b)["'$\d{(-]|\b(exit|quit)\(\s*(?!0?\s*\))|\braise\b|\bthrow\b|\bassert\b|setFailed|exitCode\s*=\s*(?!0\b)|\bPromise\.reject|\bgh\s+run\s+cancel\b|\/cancel\b|\bcancelWorkflowRun\b/;
/** What it asks with. The shell of GitHub ends a script at the first command that fails: it is `bash -e`. */
const ASKS =
  /^(\[\[?\s|test\s|\(\(|grep\s|jq\s+(-\w*e|--exit-status)|false\b)|\|\s*(grep|jq\s+(-\w*e|--exit-status))\b/;
const ASKS_BY_NAME = /^\S*(check|guard|gate|verify|assert|require|ensure)[\w.-]*(\s|$)/i;

/** Can a step end its job by what it finds? One that ends well, whatever it found, lets the steps after it run. */
export function canFail(step: Step): boolean {
  const { run, uses, part } = step;
  if (part.get('continue-on-error')?.text === 'true') return false;
  const script = withoutComments(run?.text ?? step.with?.get('script')?.text ?? '');
  if (run === undefined && step.with?.get('script') === undefined) {
    return /check|guard|gate|verify|assert|require/i.test(uses?.text ?? '');
  }
  return FAILS.test(script) || (run !== undefined && endsByAsking(script));
}

/** May the script of a step do less by what it finds, whether that is a failure or not? */
export function asks(step: Step): boolean {
  const script = withoutComments(step.run?.text ?? step.with?.get('script')?.text ?? '');
  return canFail(step) || /\b(exit|test|return|if|case)\b|\[\[?\s/.test(script);
}

/** Does a script do more than to ask, and to say what it found? */
export function doesMore({ run, with: inputs }: Step): boolean {
  const script = inputs?.get('script')?.text;
  if (run === undefined) return script === undefined || /\bawait\b|\bexec/.test(script);
  return commandsOf(run.text ?? '').some(
    ({ command }) => !SAYS.test(command) && !ASKS.test(command) && !/^[\w-]*=|^[^\s]*\)$/.test(command),
  );
}

const SAYS =
  /^(echo|printf|exit|set|export|return|true|:|fi|done|esac|case|in|local|\}|\)|;;|else|then|if|elif)(\s|$)|^["'}>\d)]|^$/;

function endsByAsking(script: string): boolean {
  if (/^\s*set\s+\+e/m.test(script)) return false;
  const commands = commandsOf(script);
  return commands.some(({ command, isCondition, next }, index) => {
    if (isCondition || !(ASKS.test(command) || ASKS_BY_NAME.test(command))) return false;
    // Of a list, only its last command ends the script; and the script itself ends as its last list does.
    const isLast = commands.slice(index).every((each, at, rest) => at === rest.length - 1 || each.next === '&&');
    return next === 'end' || (next === '&&' && isLast);
  });
}

interface Command {
  readonly command: string;
  /** Does it stand behind "if", "while" or "!", so that its failure is an answer? */
  readonly isCondition: boolean;
  /** What comes after it: another command of the same list, or the end of the list. */
  readonly next: '&&' | '||' | 'end';
}

/** The commands of a shell script, in order. What stands in quotes is one word. */
function commandsOf(script: string): readonly Command[] {
  const quoted = /'[^']*'|"(?:\\.|[^"\\])*"/g;
  const plain = withoutComments(script)
    .replace(/\\\n/g, ' ')
    .replace(quoted, (text) => text.replace(/[\n;&|]/g, ' '));
  const found: Command[] = [];
  let isCondition = false;
  for (const [, text = '', end = ''] of plain.matchAll(/((?:[^\n;&|]|\|(?!\|)|&(?!&))*)(&&|\|\||\n|;+|$)/g)) {
    const trimmed = text.trim();
    if (trimmed === '') continue;
    if (/^(then|do|else)\b/.test(trimmed)) isCondition = false;
    if (/^((then|else|do|\{|\()\s+)*(if|elif|while|until)\b/.test(trimmed)) isCondition = true;
    const command = trimmed.replace(/^((then|else|do|if|elif|while|until|\{|\()\s+)+/, '');
    const next = end === '&&' || end === '||' ? end : 'end';
    found.push({ command: command.replace(/^!\s+/, ''), isCondition: isCondition || /^!/.test(command), next });
  }
  return found;
}

function withoutComments(script: string): string {
  return script.replace(/(^|\s)(#|\/\/)\s.*$/gm, '$1');
}
