import { z } from 'zod';
import { refusing, rule, withApiRules } from './api-rules';
import { label, text } from './names';

/** As many as a service can have. */
export const MOST_VOLUMES = 16;

/** One has the certificates of the database server. The two of AWS are those that EKS' webhooks add: they add none where there is one, and the role would be off without a word. */
export const volumeName = refusing(
  label('the name of a volume'),
  /^(tmp|tenantry-database|aws-iam-token|eks-pod-identity-token)$/,
  'is taken: every service has /tmp and may have /etc/tenantry-database, and EKS adds aws-iam-token or eks-pod-identity-token for a role',
);

/** Kubernetes takes no ":" here, and whoever mounts over the root, /proc, /sys or /dev has no container. */
export const volumePath = refusing(
  text('a path in the container, such as /var/cache')
    .regex(
      /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/,
      'must be a path in the container that begins with "/" and does not end with it, such as /var/cache',
    )
    .max(255, 'must have at most 255 characters'),
  /^\/(tmp|proc|sys|dev|etc\/tenantry-database)(\/.*)?$/,
  "is taken: /tmp is there for every service, /etc/tenantry-database for the database server's certificates, and /proc, /sys and /dev are the system's",
);

export const volumeSize = text('an amount of room on disk, such as 512Mi or 2Gi')
  .regex(/^[1-9][0-9]{0,4}(Mi|Gi)$/, 'must be an amount of room on disk in Mi or Gi, such as 512Mi or 2Gi')
  .max(7);

/** Room on the node's disk that is gone with its pod. */
export const volumes = rule(
  withApiRules(
    z
      .array(
        z.strictObject({
          name: volumeName.describe('Name of the volume.'),
          path: volumePath.describe('Where the service finds it.'),
          size: volumeSize.describe('How much it may hold; a pod that writes more is ended.'),
        }),
      )
      .max(MOST_VOLUMES),
    { 'x-kubernetes-list-type': 'atomic' },
  ),
  {
    holds: (volumes) =>
      (['name', 'path'] as const).every((key) => new Set(volumes.map((one) => one[key])).size === volumes.length),
    cel: 'self.all(one, self.exists_one(other, other.name == one.name) && self.exists_one(other, other.path == one.path))',
    message: 'each volume needs a name and a path of its own',
  },
);

export type Volume = Readonly<z.output<typeof volumes>[number]>;
