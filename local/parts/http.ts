import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface GetOptions {
  /** The certificate authority that is trusted, in PEM. */
  readonly ca?: string;
  readonly token?: string;
}

/** Is there an answer 200 at `url` now? Whatever goes wrong is a no. */
export function answers(url: string, { ca, token }: GetOptions = {}): Promise<boolean> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const attempt = request(url, { ...(ca !== undefined && { ca }), headers, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    attempt.on('timeout', () => attempt.destroy());
    attempt.on('error', () => resolve(false));
    attempt.end();
  });
}
