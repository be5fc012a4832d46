import { stringify } from 'yaml';
import { IDENTITY_NAMES, type Tokens } from './identity';

const CLUSTER = 'local';

/** One context an identity, named after it; the deployer's is the current one. */
export function kubeconfig(server: string, ca: string, tokens: Tokens): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: CLUSTER, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: IDENTITY_NAMES.map((name) => ({ name, user: { token: tokens[name] } })),
    contexts: IDENTITY_NAMES.map((name) => ({ name, context: { cluster: CLUSTER, user: name } })),
    'current-context': 'deployer',
  });
}
