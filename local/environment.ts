import { trustedRootIn } from './local-authority';
import type { Identity } from './parts/identity';
import type { PlatformRecord } from './platform/platform-record';

/** What a process needs in its environment to talk to a local platform, and what it must not have. */
export interface Environment {
  readonly set: Readonly<Record<string, string>>;
  /** Left by other work in the same shell, these would lead to another account or another cluster. */
  readonly unset: readonly string[];
}

/** Settings of AWS SDKs and of Terraform's Kubernetes provider, and those of Terraform that change what it works on. */
const STRAY = /^(AWS_(?!SDK_)|KUBE_|TF_WORKSPACE$|TF_DATA_DIR$|TF_PLUGIN_CACHE_DIR$|TF_CLI_ARGS)/;

/** Far above the number of provider processes: a low number would let the slow ones hold all slots. */
const TERRAFORM_PARALLELISM = '512';

/** @param identity As whom to talk to the cluster. Default: what the platform file says. */
export function platformEnvironment(
  { aws, kubernetes, gateway, terraformRc, authority }: PlatformRecord,
  identity?: Identity,
  inherited: NodeJS.ProcessEnv = process.env,
): Environment {
  const set = {
    PLATFORM: 'local/platform.yaml',
    // "tenantry doctor" asks neither GitHub nor AWS for what a platform on one machine has not.
    TENANTRY_LOCAL: 'true',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    // No profile of this machine has a say, whatever it's called.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    KUBECONFIG: kubernetes.kubeconfig,
    KUBE_CONFIG_PATH: kubernetes.kubeconfig,
    ...(identity && { KUBE_CTX: identity }),
    // The tenants' hosts are in no DNS.
    TENANTRY_INGRESS: gateway.endpoint,
    // What is published here is signed by nobody whom the world trusts.
    TENANTRY_TRUSTED_ROOT: trustedRootIn(authority),
    TF_CLI_CONFIG_FILE: terraformRc,
    CDKTF_TERRAFORM_PARALLELISM: TERRAFORM_PARALLELISM,
    // It asks the registry even for a provider from a mirror.
    CDKTF_SKIP_PROVIDER_LOCK: 'true',
    // Or the stand-in would lie in a cache that other projects of this machine use, under the real one's name.
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1',
    CHECKPOINT_DISABLE: '1',
    DISABLE_VERSION_CHECK: '1',
  };
  const unset = Object.keys(inherited).filter((name) => STRAY.test(name) && !(name in set));
  return { set, unset: unset.sort() };
}

/** The environment of this process, turned to the platform. */
export function environmentFor(platform: PlatformRecord, identity?: Identity): NodeJS.ProcessEnv {
  const { set, unset } = platformEnvironment(platform, identity);
  const inherited = Object.entries(process.env).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(inherited), ...set };
}

/** Lines for `eval "$(...)"` in any POSIX shell. */
export function shellLines({ set, unset }: Environment): string[] {
  return [
    ...unset.map((name) => `unset ${name}`),
    ...Object.entries(set).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
  ];
}
