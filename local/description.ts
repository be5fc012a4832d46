import type { Status } from './platform/platform';
import type { PlatformRecord } from './platform/platform-record';
import type { KubernetesProvider } from './programs/kubernetes-provider';

/** What a person wants to know of a running platform. */
export function describePlatform(record: PlatformRecord): string {
  const { parts, provider, supervisor, kubernetes, gateway, operator } = record;
  const width = Math.max(...parts.map(({ name }) => name.length));
  const lines = parts.map(({ name, endpoint, pid }) => `  ${name.padEnd(width)}  ${endpoint}  (process ${pid})`);
  return [
    `The local platform runs (process ${supervisor.pid}):`,
    ...lines,
    `  kubeconfig: ${kubernetes.kubeconfig}`,
    `  a tenant: curl -H 'Host: globex.example.com' ${gateway.endpoint}/v1/health`,
    `  operator: ${operator.health}, ${operator.metrics}, log ${operator.log}`,
    `  provider: ${describeProvider(provider)}`,
  ].join('\n');
}

export function describeProvider({ kind, address, version, because }: KubernetesProvider): string {
  return `${kind === 'real' ? 'the real' : 'the stand-in for'} ${address} ${version} (${because})`;
}

export function describeStatus({ platform, ended }: Status): string {
  if (platform) return describePlatform(platform);
  if (ended) return `The local platform does not run. The last one ended (${ended.at}): ${ended.reason}`;
  return 'The local platform does not run.';
}
