import { execFileSync } from 'node:child_process';
import { platformEnvironment, shellLines } from '../../local/environment';
import type { PlatformRecord } from '../../local/platform/platform-record';

const RECORD: PlatformRecord = {
  supervisor: { pid: 1 },
  startedAt: '2026-01-01T00:00:00.000Z',
  parts: [],
  aws: { endpoint: 'http://127.0.0.1:20001', account: '123456789012', region: 'eu-central-1' },
  kubernetes: { endpoint: 'https://127.0.0.1:20002', kubeconfig: "/home/o'hara/.local/kubeconfig" },
  postgres: {
    host: '127.0.0.1',
    port: 20003,
    superuser: 'postgresql://postgres:a@127.0.0.1:20003/postgres',
    operator: 'postgresql://tenantry_operator:b@127.0.0.1:20003/postgres',
  },
  gateway: { endpoint: 'http://127.0.0.1:20006' },
  operator: {
    health: 'http://127.0.0.1:20004/healthz',
    metrics: 'http://127.0.0.1:20005/metrics',
    log: '/home/.local/logs/operator.log',
  },
  provider: {
    kind: 'stand-in',
    address: 'registry.example/hashicorp/kubernetes',
    version: '2.38.0',
    mirror: '/cache/mirror',
    because: 'no network',
  },
  terraformRc: '/home/.local/terraform.rc',
  authority: '/home/.local/data/authority',
};

test('nothing that could lead to another account or cluster is kept', () => {
  const inherited = {
    AWS_PROFILE: 'production',
    AWS_ENDPOINT_URL_S3: 'https://s3.example',
    AWS_REGION: 'us-east-1',
    KUBE_CTX: 'production',
    KUBE_HOST: 'https://cluster.example',
    TF_WORKSPACE: 'staging',
    TF_CLI_ARGS_plan: '-target=x',
    TF_PLUGIN_CACHE_DIR: '/home/cache',
    TF_LOG: 'debug',
    HOME: '/home',
  };
  expect(platformEnvironment(RECORD, undefined, inherited).unset).toEqual([
    'AWS_ENDPOINT_URL_S3',
    'AWS_PROFILE',
    'KUBE_CTX',
    'KUBE_HOST',
    'TF_CLI_ARGS_plan',
    'TF_PLUGIN_CACHE_DIR',
    'TF_WORKSPACE',
  ]);
});

test('an identity chooses the context', () => {
  expect(platformEnvironment(RECORD, 'planner', {}).set.KUBE_CTX).toBe('planner');
  expect(platformEnvironment(RECORD, undefined, {}).set).not.toHaveProperty('KUBE_CTX');
});

test('the tenants are asked for their health at the gateway, since their hosts are in no DNS', () => {
  expect(platformEnvironment(RECORD, undefined, {}).set.TENANTRY_INGRESS).toBe('http://127.0.0.1:20006');
});

test('a shell takes the lines as they are meant, quotes and all', () => {
  const lines = shellLines(platformEnvironment(RECORD, 'planner', { AWS_PROFILE: 'production' }));
  const script = `${lines.join('\n')}\nprintf '%s|%s' "$KUBECONFIG" "$AWS_PROFILE"`;
  const env = { PATH: process.env.PATH, AWS_PROFILE: 'production' };
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8', env })).toBe("/home/o'hara/.local/kubeconfig|");
});
