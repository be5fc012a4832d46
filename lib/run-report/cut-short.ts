import { platformPath } from '../config/load';
import type { StateLock } from '../state-bucket/state-lock';
import type { Aftermath } from './aftermath';
import type { Verdict } from './verdict';

const AGAIN = 'Run this workflow again, or leave it to the next run: it goes on where this one was.';

/** What became of a run that somebody ended, or that took too long. */
export function cancelledVerdict({ interrupted, abandoned, locks, unknown }: Aftermath): Verdict {
  const cancelled = (became: string, evidence: readonly string[] = []): Verdict => ({
    kind: 'cancelled',
    title: `The run was ended before it was done; ${became}`,
    evidence,
    next: [AGAIN],
  });
  // Said by `withLocks`.
  if (locks.length > 0) return cancelled('Terraform was cut short');
  if (!interrupted) return cancelled('Terraform was not at work');
  if (unknown !== undefined) return cancelled('whether Terraform unlocked its state could not be told', [unknown]);
  if (!abandoned) return cancelled('Terraform saved its state and unlocked it');
  return cancelled(
    'Terraform was cut short, and unlocked its state. What that lacks, the next run takes over from the cluster',
  );
}

/** The same, and what to do about the states that the run left locked. */
export function withLocks(verdict: Verdict, locks: readonly StateLock[]): Verdict {
  if (locks.length === 0) return verdict;
  return {
    ...verdict,
    kind: 'person',
    title: `${verdict.title}; the state of ${locks.map(({ stack }) => stack).join(' and ')} is still locked`,
    evidence: [
      ...verdict.evidence,
      ...locks.map(({ stack, id, who, since }) => `${stack}: ${id}, by ${who} since ${since.toISOString()}`),
    ],
    next: [...locks.map(({ id }) => unlocking(id)), ...verdict.next],
  };
}

/** How to take a lock away, from nothing but a checkout. */
export function unlocking(id?: string): string {
  return `In a checkout of this repository, as an administrator of AWS: npm ci && ${unlockCommand(id)}`;
}

/** As a person types it. */
export function unlockCommand(id?: string): string {
  const path = platformPath();
  const words = [
    'npx tenantry',
    ...(path === 'platform.yaml' ? [] : [`--platform ${path}`]),
    'unlock',
    ...(id === undefined ? [] : [id]),
  ];
  return words.join(' ');
}
