import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExplainedError } from '@errand/basics/explained-error';
import { errorTable } from '@errand/contracts';

/** Maximum time to resolve a host name and listen on it, in ms. */
const BIND_MS = 2500;

export type HeldPort = {
  port: number;
  /** Stops listening, so that the service can listen on the same port. */
  release: () => Promise<void>;
};

/**
 * Listens on the port before any other step of the start, so that a port in use fails at once. Until the service itself listens,
 * `/healthz` answers 200 (the process lives) and all other paths 503.
 * @throws ExplainedError if the port or the host cannot be used
 */
export async function holdPort(host: string, port: number): Promise<HeldPort> {
  const server = createServer(answerWhileStarting);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((done, fail) => {
      timer = setTimeout(() => fail(Object.assign(new Error(), { code: 'ETIMEOUT' })), BIND_MS);
      server.once('error', fail).listen({ host, port }, done);
    });
  } catch (error) {
    server.close();
    throw listenFault(error, host, port);
  } finally {
    clearTimeout(timer);
  }
  return { port: (server.address() as AddressInfo).port, release: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

const answerWhileStarting: RequestListener = (request, response) => {
  if (request.url === '/healthz') {
    response.setHeader('content-type', 'application/json; charset=utf-8').end('{"status":"ok"}');
    return;
  }
  const code = 'unavailable';
  const problem = { type: `/problems/${code}`, ...errorTable[code], code, detail: 'The service is starting.' };
  response.statusCode = problem.status;
  response.setHeader('content-type', 'application/problem+json; charset=utf-8').setHeader('retry-after', '1');
  response.end(JSON.stringify(problem));
};

/** The reason why the service cannot listen there, and what to do. */
export function listenFault(
  error: unknown,
  host: string,
  port: number,
  names = { host: 'HOST', port: 'PORT' },
): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new ExplainedError(
        `Port ${port} on ${host} is taken. Stop the program that uses it, or set ${names.port} to another one.`,
      );
    case 'EACCES':
      return new ExplainedError(`This user may not listen on port ${port}. Set ${names.port} to 1024 or more.`);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new ExplainedError(
        `${names.host} is ${host}, which is not an address of this machine. ${hostAdvice(names.host)}`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'ETIMEOUT':
      return new ExplainedError(
        `${names.host} is ${host}, and no address was found for that name. ${hostAdvice(names.host)}`,
      );
    default:
      return error;
  }
}

const hostAdvice = (name: string) =>
  `Set ${name} to 127.0.0.1 for this machine alone, or to 0.0.0.0 to let other machines in.`;
