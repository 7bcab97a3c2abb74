import { ExplainedError } from '@errand/basics/explained-error';

const PARTS = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?/;
/** A name or an IPv4 address, an IPv6 address in brackets, or an encoded path; then a port. */
const HOST_AND_PORT = /^(\[[\da-f:.]+\]|[^:[\]\s]*)(?::(\d*))?$/i;
const DEFAULT_PORT = '5432';
const MAX_PORT = 65_535;
const MAX_HOSTS = 16;
/** Values with which a server that accepts writes may be chosen. */
const WRITABLE = ['any', 'read-write', 'primary'];

type Host = { host: string; port: string };

/**
 * The URL of each host of a Postgres URL, in the order of the list: `a:5432,b:5433` before the path, or `host=a,b&port=5432,5433` behind it,
 * as in libpq. A URL of one host is returned as it is.
 * @throws ExplainedError that begins with a verb and never shows the URL, which may contain a password
 */
export function hostUrls(url: string): [string, ...string[]] {
  const [match, scheme, user, authority = '', path = '', search = ''] = PARTS.exec(url) ?? [];
  if (match === undefined || scheme === undefined)
    throw new ExplainedError('must be a URL such as postgresql://user:password@host:5432/database.');
  if (/@[^@,]*,/.test(user ?? ''))
    throw new ExplainedError(
      'must have the user and the password once, before the first host. In a password, write @ as %40 and a comma as %2C.',
    );
  const query = new URLSearchParams(search);
  checkSession(query.get('target_session_attrs'));
  const hosts = hostsOf(authority, query);
  if (hosts.length === 1) {
    if (URL.canParse(url)) return [url];
    throw new ExplainedError('must be a URL such as postgresql://user:password@host:5432/database.');
  }
  if (hosts.length > MAX_HOSTS) throw new ExplainedError(`may list up to ${MAX_HOSTS} hosts, not ${hosts.length}.`);
  for (const name of ['host', 'port', 'target_session_attrs']) query.delete(name);
  const [first, ...others] = hosts.map((host) =>
    urlOf(`${scheme}${user === undefined ? '' : `${user}@`}`, host, path, query),
  );
  return [first!, ...others];
}

/** The host and the port of a URL of one host. The host may be the folder of a Unix socket. */
export function endpointOf(url: string): { host: string; port: number } {
  const { hostname, port, searchParams } = new URL(url);
  return {
    host: searchParams.get('host') || decodeURIComponent(hostname).replace(/^\[(.+)\]$/, '$1') || 'localhost',
    port: Number(searchParams.get('port') || port || DEFAULT_PORT),
  };
}

/** `host:port` of a URL of one host, for messages. */
export function addressOf(url: string): string {
  const { host, port } = endpointOf(url);
  return `${bracketed(host)}:${port}`;
}

function checkSession(value: string | null): void {
  if (value === null || WRITABLE.includes(value)) return;
  throw new ExplainedError(
    'must have target_session_attrs=read-write, or none: only a server that accepts writes is used.',
  );
}

function hostsOf(authority: string, query: URLSearchParams): Host[] {
  const listed = query.get('host');
  const hosts = listed
    ? listed.split(',').map((host) => ({ host: bracketed(host), port: '' }))
    : fromAuthority(authority);
  const ports = (query.get('port') ?? '').split(',');
  if (hosts.length === 1 && ports.length === 1) return hosts;
  const empty = hosts.findIndex(({ host }) => host === '');
  if (empty !== -1) throw new ExplainedError(`must not have an empty host (number ${empty + 1} of ${hosts.length}).`);
  if (ports.length > 1 && ports.length !== hosts.length)
    throw new ExplainedError(`must have one port, or one for each of its ${hosts.length} hosts, not ${ports.length}.`);
  return hosts.map(({ host, port }, index) => {
    const chosen = (ports.length === 1 ? ports[0] : ports[index]) || port || DEFAULT_PORT;
    if (/^\d{1,5}$/.test(chosen) && Number(chosen) >= 1 && Number(chosen) <= MAX_PORT) return { host, port: chosen };
    throw new ExplainedError(`must have ports from 1 to ${MAX_PORT} (host number ${index + 1}).`);
  });
}

function fromAuthority(authority: string): Host[] {
  return authority.split(',').map((text, index, { length }) => {
    const [match, host = '', port = ''] = HOST_AND_PORT.exec(text) ?? [];
    if (match !== undefined || length === 1) return { host, port };
    throw new ExplainedError(
      `must list hosts such as a:5432,b:5433, with an IPv6 address in brackets (host number ${index + 1} is none).`,
    );
  });
}

const bracketed = (host: string): string => (/^[\da-f.]*:[\da-f:.]*$/i.test(host) ? `[${host}]` : host);

/** The folder of a Unix socket cannot be in the place of the host, so it remains a parameter. */
function urlOf(start: string, { host, port }: Host, path: string, query: URLSearchParams): string {
  const isFolder = host.startsWith('/');
  const params = new URLSearchParams(query);
  if (isFolder) params.set('host', host);
  const search = params.size > 0 ? `?${params}` : '';
  const url = `${start}${isFolder ? 'localhost' : host}:${port}${path}${search}`;
  if (URL.canParse(url)) return url;
  throw new ExplainedError('must be a URL such as postgresql://user:password@a:5432,b:5432/database.');
}
