import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { clientSettings } from '../../lib/aws/client-settings';
import { moto } from '../../local/parts/moto';
import { Layout } from '../../local/platform/layout';
import { RunningParts } from '../../local/platform/running-parts';
import { findPython } from '../../local/programs/python';
import { motoEnvironment, pythonIn } from '../../local/programs/python-environment';

export const REGISTRY = { account: '123456789012', region: 'eu-central-1' };

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

/** As long as a machine with an empty cache may need to install moto. */
export const INSTALLATION = 300_000;

/** ECR by moto, in a process of its own, with images put into it as a workflow would. */
export class LocalEcr {
  private readonly directory = mkdtempSync(join(tmpdir(), 'tenantry-ecr-'));
  private readonly parts = new RunningParts(
    new Layout(this.directory),
    () => undefined,
    () => undefined,
  );
  endpoint = '';

  async start(): Promise<void> {
    const python = await findPython();
    if (!python) throw new Error('needs Python');
    const part = await moto(pythonIn(await motoEnvironment(python).obtain()), REGISTRY.account);
    await this.parts.start(part);
    this.endpoint = part.endpoint;
  }

  async stop(): Promise<void> {
    await this.parts.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async createRepository(repositoryName: string): Promise<void> {
    await this.using((client) => client.send(new CreateRepositoryCommand({ repositoryName })));
  }

  /** Pushes one image under all of the tags, and returns its digest. The same text is the same image. */
  async push(repositoryName: string, text: string, tags: readonly string[], mediaType = MANIFEST): Promise<string> {
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, annotations: { text } });
    const imageDigest = digestOf(imageManifest);
    await this.using(async (client) => {
      for (const imageTag of tags) {
        const image = { repositoryName, imageManifest, imageDigest, imageTag, imageManifestMediaType: mediaType };
        await client.send(new PutImageCommand(image));
      }
    });
    return imageDigest;
  }

  /** From now on, until it is told otherwise, every request needs credentials and a policy that allows it. */
  async enforceAccess(): Promise<void> {
    await this.resetAuthentication(0);
  }

  async allowEverything(): Promise<void> {
    await this.resetAuthentication(Number.MAX_SAFE_INTEGER);
  }

  /** A new IAM user with a policy for ECR, or with none, and its access key. */
  async createUser(UserName: string, actions: readonly string[]): Promise<{ id: string; secret: string }> {
    await this.iam({ Action: 'CreateUser', UserName });
    if (actions.length > 0) {
      const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await this.iam({ Action: 'PutUserPolicy', UserName, PolicyName: 'ecr', PolicyDocument });
    }
    const answer = await this.iam({ Action: 'CreateAccessKey', UserName });
    const element = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer)?.[1] ?? '';
    return { id: element('AccessKeyId'), secret: element('SecretAccessKey') };
  }

  private async using<Result>(use: (client: ECRClient) => Promise<Result>): Promise<Result> {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const settings = clientSettings({ region: REGISTRY.region });
    const client = new ECRClient({ ...settings, endpoint: this.endpoint, credentials });
    try {
      return await use(client);
    } finally {
      client.destroy();
    }
  }

  private async resetAuthentication(requestsWithout: number): Promise<void> {
    const answer = await fetch(`${this.endpoint}/moto-api/reset-auth`, { method: 'POST', body: `${requestsWithout}` });
    if (!answer.ok) throw new Error(`moto answered ${answer.status} to reset-auth`);
  }

  private async iam(parameters: Readonly<Record<string, string>>): Promise<string> {
    const scope = 'test/20260101/us-east-1/iam/aws4_request';
    const answer = await fetch(this.endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
      body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`moto answered ${answer.status} to ${parameters.Action}: ${text}`);
    return text;
  }
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** A full git SHA that is the same for the same words. */
export function commitNamed(words: string): string {
  return createHash('sha1').update(words).digest('hex');
}
