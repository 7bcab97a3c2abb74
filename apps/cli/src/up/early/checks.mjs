// Checks before anything is installed, built or started, so that a start that cannot succeed ends at once.
import { lookup } from 'node:dns/promises';
import { connect, createServer } from 'node:net';

const WAIT_MS = 2500;
const DEFAULT_PORT = 4000;
const HOSTS = 'Set HOST to 127.0.0.1 for this machine alone, or to 0.0.0.0 to let other machines in.';

/**
 * Where to listen: the port of ERRAND_PORT or PORT, or else 4000 or the next free one.
 * @param {NodeJS.ProcessEnv} settings
 * @param {string} [argument] the port of the command line, which has priority
 * @returns the port, and whether 4000 was taken
 * @throws Error when the port or the host cannot be used
 */
export async function choosePort(settings, argument) {
  const host = settings.HOST || '127.0.0.1';
  const name = argument !== undefined ? '--port' : settings.ERRAND_PORT ? 'ERRAND_PORT' : 'PORT';
  const requested = argument ?? (settings[name] || undefined);
  if (requested !== undefined && !(/^\d{1,5}$/.test(requested) && Number(requested) <= 65_535))
    throw new Error(`${name} must be a whole number from 0 to 65535, not "${requested}".`);
  const address = await addressOf(host);
  if (requested === undefined) return nextFreePort(host, address);
  const code = await tryToListen(address, Number(requested));
  if (code) throw new Error(whyNot(code, host, requested, name));
  return { port: Number(requested), moved: false };
}

/** @param {string} host @param {string} address */
async function nextFreePort(host, address) {
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + 100; port++) {
    const code = await tryToListen(address, port);
    if (!code) return { port, moved: port > DEFAULT_PORT };
    if (code !== 'EADDRINUSE') throw new Error(whyNot(code, host, port, 'PORT'));
  }
  throw new Error(`The ports from ${DEFAULT_PORT} on are all taken. Set PORT to a free one.`);
}

/**
 * A port of 127.0.0.1: that of a setting, or the first free one from a number on.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name of the setting
 * @param {number} first
 * @throws Error when the setting cannot be used, or no port is free
 */
export async function chooseLocalPort(env, name, first) {
  const requested = env[name];
  if (
    requested !== undefined &&
    !(/^\d{1,5}$/.test(requested) && Number(requested) >= 1 && Number(requested) <= 65_535)
  )
    throw new Error(`${name} must be a whole number from 1 to 65535, not "${requested}".`);
  const ports = requested === undefined ? Array.from({ length: 100 }, (_, n) => first + n) : [Number(requested)];
  for (const port of ports) {
    const code = await tryToListen('127.0.0.1', port);
    if (!code) return port;
    if (requested !== undefined) throw new Error(whyNot(code, '127.0.0.1', port, name));
  }
  throw new Error(`The ports from ${first} on are all taken. Set ${name} to a free one.`);
}

/** @param {string} host */
async function addressOf(host) {
  const addresses = await within(lookup(host)).catch(() => undefined);
  if (!addresses) throw new Error(`HOST is ${host}, and no address was found for that name. ${HOSTS}`);
  return addresses.address;
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} the error code, or nothing on success */
function tryToListen(host, port) {
  return new Promise((done) => {
    const server = createServer().once('error', (/** @type {NodeJS.ErrnoException} */ error) => done(error.code));
    server.listen({ host, port }, () => server.close(() => done(undefined)));
  });
}

/** @param {string} code @param {string} host @param {string | number} port @param {string} name */
function whyNot(code, host, port, name) {
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken. Stop the program that uses it, set ${name} to another one, or leave it out.`;
  if (code === 'EACCES') return `This user may not listen on port ${port}. Set ${name} to 1024 or more.`;
  return `HOST is ${host}, which is not an address of this machine. ${HOSTS}`;
}

/** Checks that a server answers at DATABASE_URL. @param {string | undefined} url @throws Error when none does */
export async function checkDatabase(url) {
  if (!url) return;
  // A list of hosts: the service checks it, and chooses.
  if (/^postgres(ql)?:\/\/[^/?#]*(,|@(?=\/))/.test(url)) return;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('DATABASE_URL must be a URL such as postgresql://user:password@host:5432/database.');
  const { hostname, port, searchParams } = new URL(url);
  // a Unix socket, which the service checks itself
  if (!hostname || searchParams.has('host')) return;
  const where = `${hostname}:${port || 5432}`;
  const code = await within(reach(hostname.replace(/^\[|\]$/g, ''), Number(port || 5432))).catch(() => 'ETIMEDOUT');
  if (code === 'ECONNREFUSED') throw new Error(`No Postgres listens on ${where}. Start it, or correct DATABASE_URL.`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    throw new Error(`No address was found for the host ${hostname} in DATABASE_URL. Correct DATABASE_URL.`);
  if (code)
    throw new Error(`The Postgres on ${where} does not answer. Check that it runs and that DATABASE_URL is right.`);
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} the error code */
function reach(host, port) {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: WAIT_MS });
    /** @param {string | undefined} code */
    const end = (code) => {
      socket.destroy();
      done(code);
    };
    socket.once('connect', () => end(undefined)).once('timeout', () => end('ETIMEDOUT'));
    socket.once('error', (/** @type {NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }} */ error) =>
      end(error.code ?? error.errors?.[0]?.code ?? 'unknown'),
    );
  });
}

/** @template T @param {Promise<T>} promise @returns {Promise<T>} */
function within(promise) {
  /** @type {NodeJS.Timeout} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error('too late')), WAIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Why the data folder cannot be used, as a sentence, or nothing for an error of another kind.
 * @param {unknown} error
 * @param {string} dataDir
 */
export function folderFault(error, dataDir) {
  const { code, path, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
  const elsewhere = 'or set ERRAND_DATA_DIR to another folder.';
  if (path !== undefined && !path.startsWith(dataDir) && !dataDir.startsWith(path)) return undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return `The disk of ${dataDir} is full. Free space on it, ${elsewhere}`;
  if (code === 'EROFS') return `The disk of ${dataDir} is read-only. Set ERRAND_DATA_DIR to another folder.`;
  if (code === 'ENOENT' && syscall === 'mkdir')
    return `The folder ${path} cannot be created. Set ERRAND_DATA_DIR to another folder.`;
  if (code === 'ENOENT') return `${path} is missing. Restore ${dataDir} from a backup, ${elsewhere}`;
  if (code === 'EACCES' || code === 'EPERM')
    return `This user may not write to ${dataDir}. Give the folder to this user, ${elsewhere}`;
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return `${dataDir} cannot be a folder: a file has this path. Move the file away, ${elsewhere}`;
  return undefined;
}
