import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ByteReader } from './byte-reader';

const STARTUP = 196608;
const SSL_REQUEST = 80877103;

/** A message of the protocol; the first ones have no type. */
export function message(type: string, ...parts: readonly (string | number)[]): Buffer {
  const content = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, content]);
}

/** Parse, Bind, Execute of the statement with this name. */
export const prepare = (name: string, sql: string) => message('P', name, sql);
export const executePrepared = (name: string) => Buffer.concat([message('B', '', name), message('E', '', 0)]);
export const sync = message('S');

/** Speaks the server's side of the protocol, as far as this goes without a database. */
export class FakePostgres {
  /** The type and the text of each message, in the order of arrival. */
  readonly received: string[] = [];
  private readonly server = createServer((socket) => void this.serve(socket).catch(() => socket.destroy()));

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  async start(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
  }

  async stop(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }

  private async serve(socket: Socket): Promise<void> {
    const reader = new ByteReader(socket);
    const rest = async () => reader.read((await reader.read(4)).readInt32BE() - 4);
    while ((await rest()).readInt32BE() === SSL_REQUEST) socket.write('N');
    socket.write(Buffer.concat([message('R', 0), message('Z', 'I')]));
    for (;;) {
      const type = (await reader.read(1)).toString();
      const text = (await rest()).toString().split('\0').filter(Boolean).join(' ');
      this.received.push(`${type} ${text}`.trim());
      if (type === 'Q' || type === 'E') socket.write(message('C', 'DONE'));
      if (type === 'Q' || type === 'S') socket.write(message('Z', 'I'));
    }
  }
}

/** Speaks the client's side. */
export class PostgresClient {
  private readonly reader: ByteReader;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => {});
    this.reader = new ByteReader(socket);
  }

  static async connect(port: number): Promise<PostgresClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const client = new PostgresClient(socket);
    socket.write(message('', SSL_REQUEST));
    expect((await client.reader.read(1)).toString()).toBe('N');
    socket.write(message('', STARTUP, 'user', 'operator', ''));
    await client.untilReady();
    return client;
  }

  /** The types of the messages that come up to the next ReadyForQuery. Rejects when the connection breaks. */
  async untilReady(): Promise<string> {
    let types = '';
    do {
      types += (await this.reader.read(1)).toString();
      await this.reader.read((await this.reader.read(4)).readInt32BE() - 4);
    } while (!types.endsWith('Z'));
    return types;
  }

  query(sql: string): Promise<string> {
    this.socket.write(message('Q', sql));
    return this.untilReady();
  }
}
