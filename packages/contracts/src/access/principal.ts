// Principals: the callers of operations and the other parties that act, with their scopes.
import type { Role } from './role.ts';
import { adminScopes, type Scope } from './scope.ts';
import type { UserTokenGrant, UserTokenLimits } from './user-tokens.ts';

/** The fields of every principal. `id` is stable within its kind; `label` is for people and decides nothing; `ip` is for the audit log. */
type PrincipalFields<Kind extends string> = {
  readonly kind: Kind;
  readonly id: string;
  readonly label: string;
  readonly ip?: string;
};

/** The user token that a principal used, and the user of the token. */
type ByUserToken = { readonly userToken?: { readonly userTokenId: string; readonly userId: string } };

/** An API key and its rotations: `id` is that of the first key of the chain, `apiKeyId` that of the key in use. */
export type KeyPrincipal = PrincipalFields<'api_key'> &
  ByUserToken & {
    readonly apiKeyId: string;
    readonly workspaceId: string;
    readonly scopes: readonly Scope[];
    /** The product that uses the key, by the name that its maker gave it. */
    readonly product?: string;
  };

/**
 * A person whom a product names in a request of its key (`onBehalfOf`), or in a user token. `id` is `<product>:<id of the person in
 * the product>`: Errand trusts the product. Handlers pass it on instead of the key; authorization and limits are those of the key.
 */
export type ClaimedPrincipal = PrincipalFields<'claimed'> &
  ByUserToken & {
    readonly product: string;
    readonly apiKeyId: string;
    readonly workspaceId: string;
    readonly scopes: readonly Scope[];
  };

/**
 * A user token, which a key minted for the browser of an end user. `id` is that of the token. Rows and the audit log name `actorOf`
 * instead of the token.
 */
export type UserTokenPrincipal = PrincipalFields<'user_token'> & {
  readonly workspaceId: string;
  /** Those that its abilities correspond to. Operations check the abilities instead. */
  readonly scopes: readonly Scope[];
  readonly userId: string;
  readonly grant: UserTokenGrant;
  readonly limits: UserTokenLimits;
  /** The key that minted it, or the newest of its rotations. */
  readonly key: Pick<KeyPrincipal, 'id' | 'apiKeyId' | 'label' | 'product'>;
};

/** The subject of an access token of an issuer that the operator trusts: a user there. `id` names the issuer and the subject. */
export type SubjectPrincipal = PrincipalFields<'subject'> & {
  readonly workspaceId: string;
  readonly scopes: readonly Scope[];
};

/** A person who is signed in to the console, in a workspace. `id` is the person's, `scopes` are those of the role. */
export type PersonPrincipal = PrincipalFields<'person'> & {
  readonly sessionId: string;
  readonly isOperator: boolean;
  readonly workspaceId: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
};

/** A person who is signed in, outside a workspace. */
export type SessionPrincipal = Omit<PersonPrincipal, 'workspaceId' | 'role' | 'scopes'>;

/** A key of the platform that embeds Errand. It manages workspaces and sees nothing inside them. */
export type PlatformPrincipal = PrincipalFields<'platform'>;

/** A principal that can call operations of a workspace. */
export type CallerPrincipal = KeyPrincipal | SubjectPrincipal | PersonPrincipal | UserTokenPrincipal;

/** The unidentified holder of a link. `id` is the id of the request that the link is for. */
export type LinkPrincipal = PrincipalFields<'link'>;

/** The service itself, when it acts without a caller. */
export type SystemPrincipal = PrincipalFields<'system'>;

/** The acting party. Use the functions below instead of `kind`, so that kinds can be added. */
export type Principal =
  | CallerPrincipal
  | ClaimedPrincipal
  | SessionPrincipal
  | PlatformPrincipal
  | LinkPrincipal
  | SystemPrincipal;

export const system: SystemPrincipal = { kind: 'system', id: 'errand', label: 'errand' };

/** @param id of the approval or consent that the link is for */
export const linkPrincipal = (label: string, id: string, ip?: string): LinkPrincipal => ({
  kind: 'link',
  id,
  label,
  ...(ip !== undefined && { ip }),
});

/**
 * The principal that rows, events and the audit log name for a caller. For a user token it is the named person, or the key that minted
 * the token: under four eyes the key and its tokens are one party.
 */
export function actorOf<P extends Principal>(
  caller: P,
): Exclude<P, UserTokenPrincipal> | KeyPrincipal | ClaimedPrincipal {
  return caller.kind === 'user_token' ? actorOfToken(caller) : (caller as Exclude<P, UserTokenPrincipal>);
}

function actorOfToken(token: UserTokenPrincipal): KeyPrincipal | ClaimedPrincipal {
  const { label, workspaceId, scopes, key, ip, userId } = token;
  const { person } = token.grant;
  const fields = {
    apiKeyId: key.apiKeyId,
    workspaceId,
    scopes,
    userToken: { userTokenId: token.id, userId },
    ...(ip !== undefined && { ip }),
  };
  if (!person || key.product === undefined)
    return {
      kind: 'api_key',
      id: key.id,
      label,
      ...fields,
      ...(key.product !== undefined && { product: key.product }),
    };
  const { product } = key;
  return {
    kind: 'claimed',
    id: `${product}:${person.id}`,
    label: `${person.name}, named by ${product}`,
    product,
    ...fields,
  };
}

/** The key in use, of a principal that has one. */
export const apiKeyIdOf = (principal: CallerPrincipal): string | undefined =>
  principal.kind === 'api_key' ? principal.apiKeyId : undefined;

/** A principal as rows store it: `<kind>:<id>`. */
export const identityOf = ({ kind, id }: Pick<Principal, 'kind' | 'id'>): string => `${kind}:${id}`;

/** Whether a row names this principal. */
export const hasIdentity = (principal: Principal, identity: string | null): boolean =>
  identityOf(principal) === identity;

/** Whether `scopes` include `scope`. `admin` includes every scope but `persons:claim`; null requires none. */
export const includesScope = (scopes: readonly string[], scope: string | null): boolean =>
  scope === null ||
  scopes.includes(scope) ||
  (scopes.includes('admin') && adminScopes.some((adminScope) => adminScope === scope));

/** Whether a principal has `scope`. */
export const holds = (principal: Principal, scope: string | null): boolean => includesScope(scopesOf(principal), scope);

/**
 * The people behind a principal, as identities: those who created or rotated a key of its chain, and so have seen the key.
 * Only four eyes ask for them.
 */
export type PeopleBehind = (identity: string) => readonly string[];

/**
 * Whether a principal with the scope or the link may decide about a run (its approvals and uncertain effects).
 * Under four eyes no person behind the requester may, nor may the holder of a link, who could be the requester.
 * @param requestedBy identity of the principal that requested the run
 * @param fourEyes undefined without four eyes
 */
export const mayDecide = (
  principal: Principal,
  requestedBy: string | null,
  fourEyes: PeopleBehind | undefined,
): boolean =>
  !fourEyes || (principal.kind !== 'link' && areDistinct(identityOf(actorOf(principal)), requestedBy, fourEyes));

/**
 * Whether an approval rule applies to a run: under four eyes, another person than the requester must have made it.
 * @param createdBy identity of the principal that made the rule; null if unknown
 */
export const ruleApplies = (
  createdBy: string | null,
  requestedBy: string | null,
  fourEyes: PeopleBehind | undefined,
): boolean => !fourEyes || (createdBy !== null && areDistinct(createdBy, requestedBy, fourEyes));

/** Whether no person can act as both principals. */
function areDistinct(identity: string, requestedBy: string | null, peopleBehind: PeopleBehind): boolean {
  if (requestedBy === null) return true;
  const requesters = [requestedBy, ...peopleBehind(requestedBy)];
  return ![identity, ...peopleBehind(identity)].some((each) => requesters.includes(each));
}

const scopesOf = (principal: Principal): readonly Scope[] => ('scopes' in principal ? principal.scopes : []);
