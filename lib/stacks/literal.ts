import { ExplainedError } from '../text/explained-error';

/** Thrown for text that cdktf would take for one of its own references, in whatever it stands. */
export class TokenInInput extends ExplainedError {
  override readonly name = 'TokenInInput';

  constructor(readonly text: string) {
    super(
      `${JSON.stringify(text.slice(0, 100))} is not allowed in any input: cdktf reads "TfToken[" as a reference of its own. Take it out`,
    );
  }
}

/**
 * Data as Terraform must be given it so that it reads the same: every string in it is taken literally, and none is a template of Terraform
 * (https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences). Keys are templates to it as well.
 *
 * @throws TokenInInput
 */
export function literal<Data>(data: Data): Data {
  return escaped(data) as Data;
}

function escaped(data: unknown): unknown {
  if (typeof data === 'string') return text(data);
  if (Array.isArray(data)) return data.map(escaped);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [text(key), escaped(value)]));
}

function text(given: string): string {
  if (given.includes('TfToken[')) throw new TokenInInput(given);
  return given.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{');
}
