import { createHash } from 'node:crypto';
import type { Platform } from '../config/platform';

const LONGEST = 64;

/** Name of one of the platform's IAM roles. What is too long for IAM ends in a hash of the whole instead. */
export function roleName(platform: Pick<Platform, 'name'>, purpose: string): string {
  const name = `${platform.name}-${purpose}`;
  if (name.length <= LONGEST) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - hash.length - 1)}-${hash}`;
}
