/** Gives every test of the file the credentials of nobody in particular, an ECR endpoint, and nothing of this machine's own. */
export function withAwsEnvironment(endpoint: () => string): void {
  const environment = { ...process.env };

  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((name) => name.startsWith('AWS_'))) delete process.env[name];
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_ECR: endpoint(),
    });
  });

  afterEach(() => {
    process.env = { ...environment };
  });
}
