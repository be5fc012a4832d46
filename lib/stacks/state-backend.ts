import { S3Backend, type TerraformStack } from 'cdktf';
import type { Platform } from '../config/platform';
import { stateKey } from '../state-bucket/state-key';

/** Keeps a stack's state in the platform's bucket, locked by an object beside it: there is no DynamoDB table to look after. */
export function s3State(stack: TerraformStack, platform: Pick<Platform, 'name' | 'state'>): S3Backend {
  const backend = new S3Backend(stack, {
    bucket: platform.state.bucket,
    region: platform.state.region,
    key: stateKey(platform, stack.node.id),
    encrypt: true,
  });
  // cdktf 0.21 is older than the setting.
  backend.addOverride('use_lockfile', true);
  // https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
  stack.addOverride('terraform.required_version', '>= 1.11.0');
  return backend;
}
