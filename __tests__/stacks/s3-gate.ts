import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Permission } from '../../lib/stacks/permission';

/** S3 that lets each caller do what IAM would, in front of moto: where that enforces rights, it takes no signature of Terraform's. */
export class S3Gate {
  /** What was asked, as `<access key> <action> <object, or bucket>`; what was refused too. */
  readonly asked: string[] = [];
  private readonly server: Server;

  /** @param allowed - by access key. */
  constructor(s3: string, allowed: Readonly<Record<string, readonly Permission[]>>) {
    this.server = createServer((incoming, outgoing) => {
      const { method = '', url = '', headers } = incoming;
      const [, key = ''] = /Credential=([^/]+)/.exec(headers.authorization ?? '') ?? [];
      const path = decodeURIComponent(new URL(url, s3).pathname.slice(1));
      const action = actionOf(method, path);
      // STS is asked at the root: who am I? Everybody may.
      const isS3 = path !== '';
      if (isS3) this.asked.push(`${key} ${action} ${path}`);
      const permitted =
        !isS3 ||
        allowed[key]?.some(
          ({ actions, resources }) => actions.includes(action) && resources.includes(`arn:aws:s3:::${path}`),
        );
      if (!permitted) {
        outgoing.writeHead(403, { 'content-type': 'application/xml' });
        outgoing.end(`<Error><Code>AccessDenied</Code><Message>${key} may not ${action}</Message></Error>`);
        return;
      }
      const forwarded = request(new URL(url, s3), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    });
  }

  async open(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** As AWS calls it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
function actionOf(method: string, path: string): string {
  if (!path.includes('/')) return method === 'GET' || method === 'HEAD' ? 's3:ListBucket' : `s3:${method}`;
  const actions: Record<string, string> = {
    GET: 'GetObject',
    HEAD: 'GetObject',
    PUT: 'PutObject',
    DELETE: 'DeleteObject',
  };
  return `s3:${actions[method] ?? method}`;
}
