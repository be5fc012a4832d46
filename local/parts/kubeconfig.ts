import { stringify } from 'yaml';
import type { Identity, Tokens } from './identity';

const CLUSTER = 'local';

/** How the local cluster is reached. */
export interface ClusterAccess {
  readonly server: string;
  /** Certificate authority, in PEM. */
  readonly ca: string;
  readonly tokens: Tokens;
}

/** A context for each of the identities, named after it. Default: for the current one alone. */
export function kubeconfig({ server, ca, tokens }: ClusterAccess, current: Identity, identities = [current]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: CLUSTER, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: identities.map((name) => ({ name, user: { token: tokens[name] } })),
    contexts: identities.map((name) => ({ name, context: { cluster: CLUSTER, user: name } })),
    'current-context': current,
  });
}
