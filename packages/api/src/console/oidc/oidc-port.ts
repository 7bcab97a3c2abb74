import type { Role } from '@errand/contracts';
import type { GroupRole } from '@errand/db';
import type { IdentityProvider, VerifiedIdentity } from '@errand/ports/sign-in';

/** A group of the issuer and the role that it gives. `default`: the first workspace. */
export type GroupRule = { group: string; workspace: 'default' | (string & {}); role: Role };

/** How people sign in with an OIDC issuer. */
export type OidcPort = {
  provider: IdentityProvider;
  groups: readonly GroupRule[];
  /** Domains of accepted e-mail addresses; empty: all, also none. */
  domains: readonly string[];
};

/** The roles that the groups of an identity give. @param readDefault reads the id of the first workspace */
export async function groupRolesOf(
  { groups: ofIdentity }: VerifiedIdentity,
  rules: readonly GroupRule[],
  readDefault: () => Promise<string>,
): Promise<GroupRole[]> {
  const groups = new Set(ofIdentity);
  const matching = rules.filter(({ group }) => groups.has(group));
  const defaultId = matching.some(({ workspace }) => workspace === 'default') ? await readDefault() : '';
  return matching.map(({ workspace, role }) => ({
    workspaceId: workspace === 'default' ? defaultId : workspace,
    role,
  }));
}

/** Why an address is not accepted; undefined if the issuer has verified one of the domains, or there are none. */
export function domainFault(
  { email, emailVerified }: VerifiedIdentity,
  domains: readonly string[],
): string | undefined {
  if (domains.length === 0) return undefined;
  if (email === null || !emailVerified) return 'The identity provider has not verified your e-mail address.';
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return domains.includes(domain) ? undefined : 'Your e-mail address belongs to a domain that may not sign in here.';
}
