import { Role, Secret } from '@errand/contracts';
import { z } from 'zod';
import { ConfigError, parseJson, parsePublicUrl } from './setting.ts';
import { type SignInSetting, signInNames } from './settings.ts';

export type OidcConfig = {
  issuer: string;
  clientId: string;
  /** Absent for a public client. */
  clientSecret: Secret | undefined;
  groupsClaim: string;
  /** The role that each group gives, in a workspace by its id or in the `default` one. */
  groups: { group: string; workspace: string; role: Role }[];
  /** Domains of accepted e-mail addresses, in lower case; empty: no address is needed. */
  domains: string[];
};

type Env = Readonly<Partial<Record<SignInSetting, string>>>;

/**
 * The settings of the sign-in with an OIDC issuer; undefined without one.
 * @param egressAllow origins that may be called over plain http
 * @throws ConfigError
 */
export function oidcOf(env: Env, egressAllow: readonly string[]): OidcConfig | undefined {
  const { ERRAND_OIDC_ISSUER: issuer, ERRAND_OIDC_CLIENT_ID: clientId, ERRAND_OIDC_CLIENT_SECRET: secret } = env;
  if (!signInNames.some((name) => env[name])) return undefined;
  if (!issuer) throw new ConfigError('ERRAND_OIDC_ISSUER', 'must be set too: the URL of the OIDC issuer.');
  if (!clientId) throw new ConfigError('ERRAND_OIDC_CLIENT_ID', 'must be set too: the id of Errand at the issuer.');
  return {
    issuer: parseIssuer('ERRAND_OIDC_ISSUER', issuer, egressAllow),
    clientId,
    clientSecret: secret ? new Secret(secret) : undefined,
    groupsClaim: parseClaim('ERRAND_OIDC_GROUPS_CLAIM', env.ERRAND_OIDC_GROUPS_CLAIM ?? 'groups'),
    groups: parseGroups('ERRAND_OIDC_GROUPS', env.ERRAND_OIDC_GROUPS),
    domains: parseDomains('ERRAND_OIDC_DOMAINS', env.ERRAND_OIDC_DOMAINS ?? ''),
  };
}

function parseIssuer(name: string, value: string, egressAllow: readonly string[]): string {
  // Keeps a trailing slash: it is part of the identifier.
  parsePublicUrl(name, value);
  const { protocol, origin } = new URL(value);
  if (protocol === 'http:' && !egressAllow.includes(origin))
    throw new ConfigError(name, `must be an https URL, or its origin ${origin} must be listed in ERRAND_EGRESS_ALLOW.`);
  return value;
}

function parseClaim(name: string, value: string): string {
  if (value.length <= 200) return value;
  throw new ConfigError(name, 'must be the name of a claim, with at most 200 characters.');
}

const MAX_GROUPS = 1000;
const Groups = z
  .record(
    z.string().min(1).max(500),
    z.strictObject({ workspace: z.union([z.literal('default'), z.guid().toLowerCase()]), role: Role }),
  )
  .refine((groups) => Object.keys(groups).length <= MAX_GROUPS);

function parseGroups(name: string, value: string | undefined): OidcConfig['groups'] {
  if (value === undefined) return [];
  const groups = Groups.safeParse(parseJson(value));
  if (groups.success) return Object.entries(groups.data).map(([group, rule]) => ({ group, ...rule }));
  throw new ConfigError(
    name,
    `must be JSON such as {"staff": {"workspace": "default", "role": "decider"}}: at most ${MAX_GROUPS} groups, each with the id of a workspace or "default" and one of the roles ${Role.options.join(', ')}.`,
  );
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

function parseDomains(name: string, value: string): string[] {
  const domains = value.split(',').map((part) => part.trim().toLowerCase());
  return domains.filter(Boolean).map((domain) => {
    if (DOMAIN.test(domain)) return domain;
    throw new ConfigError(name, `must list domains such as example.com, separated by commas; "${domain}" is not one.`);
  });
}
