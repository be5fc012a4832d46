import type { Platform } from '../config/platform';

/** Key of a stack's state in the state bucket. */
export function stateKey(platform: Pick<Platform, 'name'>, stack: string): string {
  return `${platform.name}/${stack}.tfstate`;
}

/** Key of the object that is there while somebody holds the state's lock; Terraform chooses it. */
export function lockKey(platform: Pick<Platform, 'name'>, stack: string): string {
  return `${stateKey(platform, stack)}.tflock`;
}
