import { availableParallelism } from 'node:os';
import { ExplainedError } from '@errand/basics/explained-error';
import { withoutTrailing } from '@errand/basics/text-end';
import { browserOriginFault, Enable, Secret, TimeZone, type TokenIssuer, TokenIssuers } from '@errand/contracts';
import { z } from 'zod';

/** An invalid setting. The message names the setting and its valid values. */
export class ConfigError extends ExplainedError {
  override readonly name = 'ConfigError';

  constructor(
    readonly setting: string,
    requirement: string,
  ) {
    super(`${setting} ${requirement}`);
  }
}

/** One word from a list. */
export function parseChoice<const T extends readonly string[]>(name: string, value: string, allowed: T): T[number] {
  if (allowed.includes(value)) return value;
  throw new ConfigError(name, `must be one of ${allowed.join(', ')}, not "${value}".`);
}

/** A whole number between two bounds; undefined if unset. */
export function parseWholeNumber(
  name: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new ConfigError(name, `must be a whole number from ${min} to ${max}, not "${value}".`);
}

const MAX_PROCESSES = 64;
/** With fewer cores, `auto` is one process: Postgres needs one, too. */
const MIN_CORES = 4;

/** A number of processes, or `auto`: half of the cores. 1 if unset. */
export function parseProcesses(name: string, value = '1', cores = availableParallelism()): number {
  if (value === 'auto') return cores < MIN_CORES ? 1 : Math.min(MAX_PROCESSES, Math.floor(cores / 2));
  const number = /^\d{1,3}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= 1 && number <= MAX_PROCESSES) return number;
  throw new ConfigError(name, `must be auto or a whole number from 1 to ${MAX_PROCESSES}, not "${value}".`);
}

/** A truth value; false if unset. */
export const parseBoolean = (name: string, value: string | undefined): boolean =>
  value !== undefined && parseChoice(name, value, ['true', 'false']) === 'true';

/** Hours or fractions of hours, as milliseconds; undefined if unset. At most ten years. */
export function parseHoursAsMs(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,5}(\.\d{1,20})?$/.test(value) ? Number(value) : Number.NaN;
  if (number > 0 && number <= 87_600) return Math.ceil(number * 3_600_000);
  throw new ConfigError(name, `must be a number of hours above 0 and up to 87600, such as 24 or 0.5, not "${value}".`);
}

/** An IANA time zone; undefined if unset. */
export function parseTimeZone(name: string, value: string | undefined): string | undefined {
  if (value === undefined || TimeZone.safeParse(value).success) return value;
  throw new ConfigError(name, `must be the name of a time zone such as Europe/Berlin, not "${value}".`);
}

/** An http(s) URL without query, fragment or user, and without its trailing slash. */
export function parsePublicUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  if (!plain) throw new ConfigError(name, 'must be an http or https URL without user, query or fragment.');
  return withoutTrailing(url.href, '/');
}

/** An http(s) proxy, with or without user and password. */
export function parseProxy(name: string, value: string | undefined): Secret | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash;
  // The message does not show the value, which may contain a password.
  if (!plain || (url.username === '') !== (url.password === '')) {
    throw new ConfigError(
      name,
      'must be a proxy such as http://proxy.example.com:3128, with user and password or neither.',
    );
  }
  return new Secret(url.href);
}

/** A comma-separated list of exact origins. */
export function parseOrigins(name: string, value: string): string[] {
  const parts = value.split(',').map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url && /^https?:$/.test(url.protocol) && url.origin === part) return part;
    throw new ConfigError(
      name,
      `must list origins such as http://127.0.0.1:8080, separated by commas; "${part}" is not one.`,
    );
  });
}

/** A comma-separated list of exact origins of web pages. */
export function parseBrowserOrigins(name: string, value: string): string[] {
  const parts = value.split(',').map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const fault = browserOriginFault(part);
    if (fault === undefined) return part;
    // A user may have typed a password, which the message must not show.
    const quoted = part.includes('@') ? 'an entry with @' : `"${part}"`;
    throw new ConfigError(name, `must list exact origins of web pages, separated by commas, not ${quoted}. ${fault}`);
  });
}

const MAX_PORT = 65_535;

/** A comma-separated list of ports and ranges of ports, as inclusive ranges. */
export function parsePorts(name: string, value: string): [first: number, last: number][] {
  const parts = value.split(',').map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    const range: [number, number] = [Number(first), Number(last)];
    if (first !== '' && range[0] >= 1 && range[0] <= range[1] && range[1] <= MAX_PORT) return range;
    throw new ConfigError(name, `must list ports such as 8080,9000-9099, separated by commas; "${part}" is not one.`);
  });
}

const SeedList = z.array(
  z.strictObject({
    name: z.string().min(1),
    /** URL of the OpenAPI document. */
    url: z.string().min(1),
    /** The workspace's token at the service. */
    token: z.string().min(1).optional(),
    /** The tools to enable; `reads` by default. */
    enable: Enable.optional(),
  }),
);

/** An integration to register on start. */
export type Seed = z.infer<typeof SeedList>[number];

/** A JSON list of integrations to register. */
export function parseSeeds(name: string, value: string | undefined): Seed[] {
  if (value === undefined) return [];
  const seeds = SeedList.safeParse(parseJson(value));
  if (seeds.success) return seeds.data;
  // The message does not show the value, which contains tokens.
  throw new ConfigError(name, 'must be a JSON list of {"name", "url", "token"?}.');
}

/** A JSON list of issuers of access tokens. The audience of the tokens is the public URL of the service. */
export function parseTokenIssuers(
  name: string,
  value: string | undefined,
  publicUrl: string | undefined,
): TokenIssuer[] {
  if (value === undefined) return [];
  if (publicUrl === undefined)
    throw new ConfigError(name, 'needs PUBLIC_URL: the audience of tokens is PUBLIC_URL/mcp.');
  const read = TokenIssuers.safeParse(parseJson(value));
  if (read.success) return read.data;
  throw new ConfigError(
    name,
    'must be a JSON list of {"issuer", "workspace"} or {"issuer", "claim", "workspaces"}, optionally with "scopes" and "algorithms".',
  );
}

/** The value of a JSON text; undefined if it is invalid. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
