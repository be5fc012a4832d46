import { z } from 'zod';
import { withApiRules } from './api-rules';
import { text } from './names';

/** As many as a command, or its arguments, can have. */
export const MOST_WORDS = 64;

/** A word of a command. No process can be given a NUL character. */
export const word = text('text, a number, true or false')
  .regex(/^[^\0]*$/, 'must not contain the character NUL')
  .max(4096, 'must have at most 4096 characters');

/** A command or its arguments, word by word: no shell takes them apart. Empty for those of the image. */
export const words = withApiRules(z.array(word).max(MOST_WORDS), { 'x-kubernetes-list-type': 'atomic' });
