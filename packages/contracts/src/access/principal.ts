// Principals: the callers of operations and the other parties that act, with their scopes.
import type { StoredApprover } from './approver.ts';
import { claimedId, claimedLabel, claimingProduct, type OnBehalfOf } from './claimed-person.ts';
import type { Role } from './role.ts';
import { adminScopes, type Scope } from './scope.ts';
import type { UserTokenGrant, UserTokenLimits } from './user-token-grant.ts';

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
 * A person that a product names in a request of its key (`onBehalfOf`), or in a user token. `id` is `<product>:<id of the person in
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
  return { ...claimedPrincipal({ ...fields, product: key.product }, person), userToken: fields.userToken };
}

/** The person that a product names with its key. */
export const claimedPrincipal = (
  key: Pick<ClaimedPrincipal, 'product' | 'apiKeyId' | 'workspaceId' | 'scopes' | 'ip'>,
  { id, name }: OnBehalfOf,
): ClaimedPrincipal => ({
  kind: 'claimed',
  id: claimedId(key.product, id),
  label: claimedLabel(key.product, name),
  product: key.product,
  apiKeyId: key.apiKeyId,
  workspaceId: key.workspaceId,
  scopes: key.scopes,
  ...(key.ip !== undefined && { ip: key.ip }),
});

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
 * The parties behind a principal, as identities. Behind a key: the people who created or rotated a key of its chain, and so have seen
 * the key (`person:<id>`), and the products of these keys (`product:<name>`). Behind a claimed person: the people and products
 * behind the keys that can name the person. Only four eyes compare them.
 */
export type PeopleBehind = (identity: string) => readonly string[];

/** The facts about a run that determine who may decide about it. */
export type DecidedRun = {
  /** Identity of the principal that requested the run. */
  requestedBy: string | null;
  /** Null: every principal with the scope. */
  approvers: readonly Pick<StoredApprover, 'type' | 'id'>[] | null;
};

/** Why a principal with the scope or the link may not decide. `product`: it, or the requester, could be any person of its product. */
export type DecisionObstacle = 'not_an_approver' | 'link' | 'requester' | 'product';

/**
 * Whether a principal with the scope or the link may decide about a run (its approvals and uncertain effects). With approvers only
 * they may. Under four eyes no person behind the requester may, nor may the holder of a link, who could be the requester.
 * @param fourEyes undefined without four eyes
 * @returns undefined if it may
 */
export function decisionObstacle(
  principal: Pick<Principal, 'kind' | 'id'>,
  { requestedBy, approvers }: DecidedRun,
  fourEyes: PeopleBehind | undefined,
): DecisionObstacle | undefined {
  const identity = identityOf(principal);
  if (!isApprover(identity, approvers)) return 'not_an_approver';
  if (!fourEyes) return undefined;
  return principal.kind === 'link' ? 'link' : overlapOf(identity, requestedBy, fourEyes);
}

/**
 * Whether an approval rule applies to a run: an approver must have made it and, under four eyes, another person than the requester.
 * @param createdBy identity of the principal that made the rule; null if unknown
 */
export function ruleApplies(
  createdBy: string | null,
  { requestedBy, approvers }: DecidedRun,
  fourEyes: PeopleBehind | undefined,
): boolean {
  if (createdBy === null) return !fourEyes && approvers === null;
  return isApprover(createdBy, approvers) && (!fourEyes || !overlapOf(createdBy, requestedBy, fourEyes));
}

const isApprover = (identity: string, approvers: DecidedRun['approvers']): boolean =>
  approvers === null || approvers.some(({ type, id }) => identity === `${type}:${id}`);

/** Why one person may act as both principals; undefined if none can. */
function overlapOf(
  identity: string,
  requestedBy: string | null,
  peopleBehind: PeopleBehind,
): 'requester' | 'product' | undefined {
  if (requestedBy === null) return undefined;
  const products = [identity, requestedBy].map(claimingProduct);
  // A product tells its persons apart, so the parties behind its keys do not matter.
  if (products.every((product) => product !== undefined)) return identity === requestedBy ? 'requester' : undefined;
  const partiesOf = (each: string, product: string | undefined) => [
    each,
    ...(product === undefined ? [] : [`product:${product}`]),
    ...peopleBehind(each),
  ];
  const requesters = partiesOf(requestedBy, products[1]);
  const common = partiesOf(identity, products[0]).filter((party) => requesters.includes(party));
  if (common.length === 0) return undefined;
  const isProductAlone = common.every((party) => party.startsWith('product:'));
  return isProductAlone || products.some((product) => product !== undefined) ? 'product' : 'requester';
}

const scopesOf = (principal: Principal): readonly Scope[] => ('scopes' in principal ? principal.scopes : []);
