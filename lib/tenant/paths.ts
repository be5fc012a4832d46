import { z } from 'zod';
import { refusing } from './api-rules';

/** No segment of dots alone: "." and ".." are resolved by clients, and an Ingress refuses them. */
const PATH = /^(\/|(\/\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+)$/;
/** The characters of RFC 3986 for a path. No segment is empty but the last: "//x" is a host to whoever resolves it. */
const HEALTH_PATH = /^\/$|^(\/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+\/?$/;

const text = (example: string) => z.string(`must be a path in text, such as ${example}, or null`);

export const servicePath = text('/api')
  .regex(
    PATH,
    'must be "/" or such as /api/v1: letters, digits, "-", ".", "_" and "~" after each "/", no part of dots alone',
  )
  .max(255, 'must have at most 255 characters');

/** What is encoded and would be a path of another shape when decoded ("%2e" is ".", "%2f" "/", "%5c" "\") leads elsewhere for some proxies. */
export const healthPath = refusing(
  text('/v1/health')
    .regex(HEALTH_PATH, 'must be an absolute path, such as /v1/health, with no empty part and no space, "?" or "#"')
    .max(1024, 'must have at most 1024 characters'),
  /\/\.\.?(\/|$)|%2[eEfF]|%5[cC]|%25|%00/,
  'must have no part "." or "..", and no dot, slash or percent sign that is encoded',
);

/** The path, or "" for none: a Tenant says of each field what it is, so that no hand can add one behind the back of the files. */
export function orNone<Schema extends z.ZodType<string>>(path: Schema) {
  return z.union([z.literal(''), path]);
}
