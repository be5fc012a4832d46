export interface ClientSettings {
  readonly region: string;
  /** Milliseconds that one HTTP request may take. Default: 10 s. */
  readonly requestTimeout?: number;
}

/**
 * What every AWS client here is made with: a request that hangs ends, where the SDK's default would only warn of it. Credentials and
 * endpoint are the SDK's defaults (AWS_PROFILE, OIDC, AWS_ENDPOINT_URL ...).
 */
export function clientSettings({ region, requestTimeout = 10_000 }: ClientSettings) {
  // The SDK is pinned to a release that runs on this Node.js; its note on later releases would stand in the output of every run.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  return { region, requestHandler: { connectionTimeout: requestTimeout, requestTimeout, throwOnRequestTimeout: true } };
}
