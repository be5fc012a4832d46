import type { Readable } from 'node:stream';

/** Reads exactly as many bytes as are asked for, however they are cut on their way. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private held = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async read(count: number): Promise<Buffer> {
    while (this.held.length < count) {
      const { value, done } = await this.chunks.next();
      if (done) throw new Error('The stream has ended.');
      this.held = Buffer.concat([this.held, value]);
    }
    const bytes = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return bytes;
  }
}
