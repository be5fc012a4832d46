const { createServer } = require('node:http');

/** Answers for one tenant, which the platform names in the environment. */
const server = createServer(({ url }, response) => {
  const { TENANT = 'nobody', GIT_SHA = 'unknown' } = process.env;
  const path = url.split('?')[0];
  const status = path === '/v1/health' || path === '/' ? 200 : 404;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ tenant: TENANT, commit: GIT_SHA })}\n`);
});

module.exports = { server };

if (require.main === module) {
  server.listen(Number(process.env.PORT ?? 3000));
  // Kubernetes asks a pod to end by this; Node as the first process of a container would not.
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
}
