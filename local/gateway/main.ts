import { createServer, type IncomingMessage } from 'node:http';
import { explain } from '../../lib/text/explained-error';
import { ClusterApi } from '../parts/cluster-api';
import { type Answer, answer } from './answer';

/** What an ingress controller would do for the tenants' hosts. KUBECONFIG and PORT say where. */
const cluster = ClusterApi.fromKubeconfig(process.env.KUBECONFIG ?? '');
const ADDRESS = '127.0.0.1';

createServer(async (request, response) => {
  const { status, body } = await answerTo(request);
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 405 && { allow: 'GET, HEAD' }) });
  response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
}).listen(Number(process.env.PORT), ADDRESS);

async function answerTo({ method = '', headers, url = '/' }: IncomingMessage): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { reason: `${method} is not answered here` } };
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const path = url.replace(/\?.*/s, '');
  // At its own address there is no tenant: whoever asks there wants to know whether it runs.
  if (host === ADDRESS && path === '/healthz') return { status: 200, body: { status: 'ok' } };
  try {
    return await answer(cluster, host, path);
  } catch (error) {
    return { status: 502, body: { status: 'unavailable', reason: explain(error) } };
  }
}
