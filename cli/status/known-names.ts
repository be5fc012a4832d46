import { suggestion } from '../../lib/text/suggestion';
import { WrongOption } from '../wrong-option';

/** So many names are listed where none is near the one that was given. */
const LISTED = 20;

/** @throws WrongOption for the first name that nobody knows, with the one that is probably meant. */
export function refuseUnknown(
  option: string,
  given: readonly string[] = [],
  what: string,
  known: readonly string[],
): void {
  const stranger = given.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const near = suggestion(stranger, known);
  const tooMany = near.startsWith('; known:') && known.length > LISTED;
  throw new WrongOption(option, stranger, `there is no such ${what}${tooMany ? `; there are ${known.length}` : near}`);
}
