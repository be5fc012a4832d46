import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An ECR that has each image that it is asked for, from one commit. */
export class ScriptedEcr {
  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static async start(digest: string, commit: string): Promise<ScriptedEcr> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { imageIds = [] } = JSON.parse(body) as { imageIds?: { imageTag: string }[] };
        const imageDetails = imageIds.map(({ imageTag }) => ({
          imageDigest: digest,
          imageTags: [...new Set([commit, imageTag])],
          imagePushedAt: 1_763_000_000,
          imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
        }));
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ imageDetails }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ScriptedEcr(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
