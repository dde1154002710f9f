import { type Socket } from 'node:net';
import { parseAddress } from './address.ts';
import { HttpClientError } from './errors.ts';

/** A proxy's answer to CONNECT may be this long and no longer. */
const maxHeadBytes = 16 * 1024;

/**
 * Asks an HTTP proxy for a tunnel; resolves when the connection leads to the target.
 *
 * @param headers name, value, name, value …
 * @throws {HttpClientError} `connection` when the proxy refuses
 */
export async function openHttpTunnel(
  socket: Socket,
  target: { readonly host: string; readonly port: number },
  headers: readonly string[],
  shown: string,
): Promise<void> {
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const reader = new SocketReader(socket, shown);
  const head = await reader.until('\r\n\r\n', maxHeadBytes);
  reader.release();
  const status = /^HTTP\/1\.[01] (\d{3})[^\r]*\r\n/.exec(head);
  if (status === null)
    throw new HttpClientError('connection', `Cannot connect to ${shown}: the proxy does not speak HTTP`);
  if (!status[1].startsWith('2')) {
    throw new HttpClientError('connection', `Cannot connect to ${shown}: the proxy answers CONNECT with ${status[1]}`);
  }
}

const socksReplies: readonly string[] = [
  'succeeded',
  'general failure',
  'connection not allowed by its rules',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'time to live expired',
  'command not supported',
  'address type not supported',
];

/**
 * Asks a SOCKS 5 proxy for a connection (RFC 1928, and RFC 1929 for user and password). Names are left to the proxy to resolve.
 *
 * @throws {HttpClientError} `connection` when the proxy refuses
 */
export async function openSocksTunnel(
  socket: Socket,
  target: { readonly host: string; readonly port: number },
  login: { readonly username: string; readonly password: string } | undefined,
  shown: string,
): Promise<void> {
  const refuse = (why: string): HttpClientError =>
    new HttpClientError('connection', `Cannot connect to ${shown}: the SOCKS proxy ${why}`);
  const reader = new SocketReader(socket, shown);
  // 1. Offer the ways to authenticate.
  socket.write(login === undefined ? Buffer.from([5, 1, 0]) : Buffer.from([5, 2, 0, 2]));
  const [version, method] = await reader.bytes(2);
  if (version !== 5) throw refuse('does not speak version 5');
  // 2. Authenticate.
  if (method === 2 && login !== undefined) {
    const user = Buffer.from(login.username);
    const word = Buffer.from(login.password);
    if (user.length > 255 || word.length > 255) throw refuse('takes user names and passwords of up to 255 bytes');
    socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([word.length]), word]));
    const [, status] = await reader.bytes(2);
    if (status !== 0) throw refuse('does not accept the user and password');
  } else if (method !== 0) throw refuse('asks for an authentication that is not configured');
  // 3. Ask for the connection.
  const port = Buffer.from([target.port >> 8, target.port & 0xff]);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), socksAddress(target.host), port]));
  const [, reply, , kind] = await reader.bytes(4);
  if (reply !== 0) throw refuse(`answers: ${socksReplies[reply] ?? `error ${reply}`}`);
  // 4. Pass over the address it connected from.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : (await reader.bytes(1))[0];
  await reader.bytes(length + 2);
  reader.release();
}

function socksAddress(host: string): Buffer {
  const address = parseAddress(host);
  if (address === undefined) {
    const name = Buffer.from(host);
    return Buffer.concat([Buffer.from([3, name.length]), name]);
  }
  const width = address.family === 4 ? 4 : 16;
  const bytes = Buffer.from(address.bits.toString(16).padStart(width * 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([address.family === 4 ? 1 : 4]), bytes]);
}

/** Reads exactly what a handshake needs from a socket, and puts the rest back. */
class SocketReader {
  readonly #socket: Socket;
  readonly #shown: string;
  #buffered = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #onData = (chunk: Buffer): void => {
    this.#buffered = Buffer.concat([this.#buffered, chunk]);
    this.#wake?.();
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  constructor(socket: Socket, shown: string) {
    this.#socket = socket;
    this.#shown = shown;
    socket.on('data', this.#onData);
    for (const event of ['end', 'close', 'error']) socket.on(event, this.#onEnd);
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#buffered.length < count) await this.#more();
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  async until(end: string, maxBytes: number): Promise<string> {
    for (;;) {
      const at = this.#buffered.indexOf(end);
      if (at >= 0) return (await this.bytes(at + end.length)).toString('latin1');
      if (this.#buffered.length > maxBytes) {
        throw new HttpClientError('connection', `Cannot connect to ${this.#shown}: the proxy's answer does not end`);
      }
      await this.#more();
    }
  }

  /** Hands the socket back. */
  release(): void {
    this.#socket.off('data', this.#onData);
    for (const event of ['end', 'close', 'error']) this.#socket.off(event, this.#onEnd);
    this.#socket.pause();
    if (this.#buffered.length > 0) this.#socket.unshift(this.#buffered);
  }

  async #more(): Promise<void> {
    if (this.#ended) {
      throw new HttpClientError('connection', `Cannot connect to ${this.#shown}: the proxy closed the connection`);
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
