import { join } from 'node:path';
import { freePort } from './free-port';
import { answers } from './http';
import type { Part } from './part';

/** ECR, S3 and whatever else of AWS is asked for, as one account. It keeps everything in memory. */
export async function moto(python: string, account: string): Promise<Part> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    name: 'moto',
    endpoint,
    argv: [python, join(__dirname, 'aws.py'), '-H', '127.0.0.1', '-p', String(port)],
    env: { MOTO_ACCOUNT_ID: account, PYTHONUNBUFFERED: '1' },
    isReady: () => answers(`${endpoint}/moto-api/`),
  };
}
