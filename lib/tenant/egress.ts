import { z } from 'zod';
import { RANGE } from './address-range';
import { refusing, withApiRules } from './api-rules';
import { NAMESPACE_PREFIX, text } from './names';

/** As many entries as a Tenant can have. */
export const MOST_OF_EGRESS = 32;

/** Every address that is public. */
export const INTERNET = 'internet';
/** Nothing, for a list without entries says that there is no limit. */
export const NONE = 'none';

const PORT = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
const ENTRY = new RegExp(`^(${RANGE}(:${PORT})?|not ${RANGE}|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$`);

/** What pods may connect to: a namespace, addresses, or addresses that are taken out of others. */
export const destination = refusing(
  text('what may be reached')
    .regex(
      ENTRY,
      'must be internet; a range of addresses, such as 10.20.0.0/16, with a TCP port or without: 10.20.0.5/32:6379; "not" and a range that is left out of a wider one; or the name of a namespace',
    )
    .max(63, 'must have at most 63 characters'),
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
  new RegExp(`^(${NAMESPACE_PREFIX}|169\\.254\\.169\\.254/32|fd00:ec2::254/128)`),
  'is not for tenants: neither the namespace of another tenant, nor 169.254.169.254 and fd00:ec2::254, where a node is told its own role',
);

/** The range that an entry is about; undefined for a namespace or a word. */
export function rangeOf(entry: string): string | undefined {
  const [range = ''] = /[0-9a-f.:]+\/[0-9]+/.exec(entry) ?? [];
  return range === '' ? undefined : range;
}

export const egress = withApiRules(
  z.array(destination).max(MOST_OF_EGRESS, `must be at most ${MOST_OF_EGRESS} entries`),
  { 'x-kubernetes-list-type': 'atomic' },
);
