import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingEcr {
  readonly endpoint: string;
  /** (repository, tag) of every DescribeImages since the last call of this. */
  takeCalls(): string[];
  close(): void;
}

/** An ECR that has every image at once and counts what it is asked: what is measured is what this program asks, not how fast ECR is. */
export async function countingEcr(): Promise<CountingEcr> {
  let calls: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { repositoryName, imageIds } = JSON.parse(body);
    const tag: string = imageIds[0].imageTag;
    calls.push(`${repositoryName}:${tag}`);
    const hash = createHash('sha256').update(`${repositoryName}:${tag}`).digest('hex');
    const detail = { imageDigest: `sha256:${hash}`, imageTags: [tag, hash.slice(0, 40)], imagePushedAt: 1_790_000_000 };
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ imageDetails: [detail] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeCalls: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    close: () => server.close(),
  };
}
