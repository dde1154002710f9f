import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { parseAddress } from './address.ts';
import { HttpClientError } from './errors.ts';
import { type Destination } from './outbound.ts';

/** A connection that takes longer to open is given up, whoever may still wait for it. */
export const connectTimeoutMs = 30_000;

/** Opens a TCP connection to a judged destination, and to none but its judged addresses. @throws {HttpClientError} `connection` */
export function dial(destination: Destination, shown: string, timeoutMs = connectTimeoutMs): Promise<Socket> {
  const { addresses, port } = destination;
  const socket =
    addresses.length === 1
      ? connectTcp({ host: addresses[0], port })
      : connectTcp({ host: destination.host, port, lookup: pinned(addresses), autoSelectFamily: true });
  return opened(socket, 'connect', shown, timeoutMs);
}

/** Opens a connection to a socket in the file system, which the caller has had judged. @throws {HttpClientError} `connection` */
export function dialSocket(path: string, shown: string, timeoutMs = connectTimeoutMs): Promise<Socket> {
  return opened(connectTcp({ path }), 'connect', shown, timeoutMs);
}

/** Begins TLS on an open connection. @throws {HttpClientError} `connection` when the handshake fails */
export function startTls(
  socket: Socket,
  options: ConnectionOptions,
  shown: string,
  timeoutMs = connectTimeoutMs,
): Promise<TLSSocket> {
  const secured = connectTls({ ALPNProtocols: ['http/1.1'], ...options, socket });
  return opened(secured, 'secureConnect', shown, timeoutMs).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** Answers every question for an address with the judged ones, so that no second look-up can answer otherwise. */
function pinned(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: parseAddress(address)?.family ?? 0 }));
  return (_host, options, done) => {
    if (options.all) done(null, found);
    else done(null, found[0].address, found[0].family);
  };
}

function opened<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  shown: string,
  timeoutMs: number,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new HttpClientError('connection', `Cannot connect to ${shown}: no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      socket.off('error', onError);
      socket.off('close', onClose);
      socket.off(event, onOpen);
    };
    const fail = (error: HttpClientError): void => {
      done();
      // Errors of a socket that is given up concern no one any more.
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onOpen = (): void => {
      done();
      resolve(socket);
    };
    const onError = (cause: Error): void => {
      fail(new HttpClientError('connection', `Cannot connect to ${shown}: ${connectProblem(cause)}`, { cause }));
    };
    const onClose = (): void => {
      fail(new HttpClientError('connection', `Cannot connect to ${shown}: connection closed during the handshake`));
    };
    socket.once(event, onOpen);
    socket.once('error', onError);
    socket.once('close', onClose);
  });
}

const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  ENOENT: 'no such socket',
  EACCES: 'permission denied',
};

/** What went wrong, in words, with the address it happened at. */
export function connectProblem(error: unknown): string {
  const { code, address, port, message, errors } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    errors?: unknown[];
  };
  // Several addresses were tried: the last one speaks for all.
  if (errors !== undefined && errors.length > 0) return connectProblem(errors[errors.length - 1]);
  const words = code === undefined ? undefined : problems[code];
  if (words === undefined) return message;
  const isV6 = address?.includes(':') === true;
  return address === undefined
    ? words
    : `${words} (${isV6 ? `[${address}]` : address}${port === undefined ? '' : `:${port}`})`;
}
