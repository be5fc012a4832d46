import { z } from 'zod';
import { label, text } from './names';

/** As many as a platform can have besides its default one. */
export const MOST_SERVERS = 64;

/** A name that the operator's Secret has, without the dot that separates it from what is told of the server. */
export const databaseServer = label('the name of a database server');

/** What a tenant's role may have at the same time. 0 for as many as the server has. */
export const connectionLimit = z
  .int('must be a whole number')
  .min(0, 'must be 0 or more')
  .max(10_000, 'must be at most 10000');

/**
 * Stands for a tenant's credentials: another word is other credentials. Text alone: as numbers, 2026.1 and 2026.10 would be the same word.
 */
export const rotation = text('text, such as 2026-11; write a number in quotes')
  .regex(
    /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    'must be letters, digits, "-", "_" and ".", with a letter or digit at both ends',
  )
  .max(63, 'must have at most 63 characters');
