import { request } from 'node:http';
import type { Lab } from './lab';

export interface Said {
  readonly status: number;
  readonly tenant?: string;
  readonly service?: string;
  readonly reason?: string;
}

/** What is answered at a tenant's host. */
export function ask(lab: Lab, host: string, path: string): Promise<Said> {
  const { hostname, port } = new URL(lab.record.gateway.endpoint);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, headers: { host }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece));
      response.on('end', () => resolve({ ...JSON.parse(text), status: response.statusCode ?? 0 }));
    });
    call.on('error', reject);
    call.end();
  });
}

/** Asks without a pause from now on, and notes every answer that is not right. */
export function askAllTheWhile(
  lab: Lab,
  host: string,
  path: string,
  isRight = ({ status }: Said): boolean => status === 200,
) {
  const bad: Said[] = [];
  let goesOn = true;
  const asking = (async () => {
    while (goesOn) {
      const said = await ask(lab, host, path);
      if (!isRight(said)) bad.push(said);
    }
  })();
  return {
    end: async () => {
      goesOn = false;
      await asking;
      return bad;
    },
  };
}
