import { credentialHeaders } from './credential.ts';

export type ConnectionOptions = {
  /** Where Errand is, e.g. `https://errand.example.com`. */
  url: string;
  /** An API key, sent as `x-api-key`, or a user token, sent as `Authorization: Bearer`. Never sent in a URL. */
  apiKey: string;
};

/** The URL without slashes at its end, and the headers of each request. */
export type Connection = { readonly baseUrl: string; readonly headers: Readonly<Record<string, string>> };

/**
 * Rejects settings with which every request would fail like on a broken network.
 * @throws TypeError if the URL or the key cannot be used
 */
export function openConnection({ url, apiKey }: ConnectionOptions): Connection {
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new TypeError('`url` is not an http or https URL. Pass the URL of Errand, e.g. https://errand.example.com.');
  // Few operations need no key: an empty one gets a clear answer from the others.
  if (typeof apiKey !== 'string' || !/^[\x21-\x7e]*$/.test(apiKey.trim()))
    throw new TypeError('`apiKey` is missing, or has characters that no key has. Pass an API key of Errand.');
  return { baseUrl: url.replace(/(?<!\/)\/+$/, ''), headers: credentialHeaders(apiKey.trim()) };
}

const connections = new WeakMap<object, Connection>();

/** Remembers the connection of a client, for functions that take a client. */
export function rememberConnection<C extends object>(client: C, connection: Connection): C {
  connections.set(client, connection);
  return client;
}

/**
 * @param errand a client of this package, or the options of one
 * @throws TypeError if it is another client
 */
export function connectionOf(errand: object): Connection {
  const connection = connections.get(errand);
  if (connection) return connection;
  if (!('url' in errand && 'apiKey' in errand))
    throw new TypeError('The client is not of createClient or createRestClient. Pass `{ url, apiKey }` instead.');
  return openConnection(errand as ConnectionOptions);
}
