import type { Scope } from './scope.ts';

/** What every principal has. `id` is stable within its kind; `label` is for people and decides nothing; `ip` is for the audit log. */
type Named<Kind extends string> = {
  readonly kind: Kind;
  readonly id: string;
  readonly label: string;
  readonly ip?: string;
};

/** An API key and its rotations: `id` is that of the first key of the chain, `apiKeyId` that of the key in use. */
export type KeyPrincipal = Named<'api_key'> & {
  readonly apiKeyId: string;
  readonly workspaceId: string;
  readonly scopes: readonly Scope[];
};

/** The subject of an access token of an issuer that the operator trusts: a user there. `id` names the issuer and the subject. */
export type SubjectPrincipal = Named<'subject'> & {
  readonly workspaceId: string;
  readonly scopes: readonly Scope[];
};

/** Who may ask for operations. */
export type CallerPrincipal = KeyPrincipal | SubjectPrincipal;

/** The holder of a link, who is not known. `id` is the id of what the link is about. */
export type LinkPrincipal = Named<'link'>;

/** The service itself, when no caller asked. */
export type SystemPrincipal = Named<'system'>;

/** Who acts. Code uses the functions below and not the kind, so that other kinds can be added. */
export type Principal = CallerPrincipal | LinkPrincipal | SystemPrincipal;

export const system: SystemPrincipal = { kind: 'system', id: 'errand', label: 'errand' };

/** Who acts by a link to an approval or a consent. @param id of what the link is about */
export const linkHolder = (label: string, id: string, ip?: string): LinkPrincipal => ({
  kind: 'link',
  id,
  label,
  ...(ip !== undefined && { ip }),
});

/** The key in use, of a principal that has one. */
export const idOfKey = (principal: CallerPrincipal): string | undefined =>
  principal.kind === 'api_key' ? principal.apiKeyId : undefined;

/** A principal as rows keep it: `<kind>:<id>`. */
export const identityOf = ({ kind, id }: Pick<Principal, 'kind' | 'id'>): string => `${kind}:${id}`;

/** Whether a principal is the one that a row names. */
export const isSame = (principal: Principal, identity: string | null): boolean => identityOf(principal) === identity;

/** Whether scopes grant what needs `scope`: `admin` grants all, and null needs none. */
export const grants = (scopes: readonly string[], scope: string | null): boolean =>
  scope === null || scopes.includes(scope) || scopes.includes('admin');

/** Whether a principal may do what needs `scope`. */
export const holds = (principal: Principal, scope: string | null): boolean => grants(scopesOf(principal), scope);

/**
 * Whether a principal may decide about a run (its approvals and uncertain effects), where it holds the scope or the link for it.
 * Under four eyes the requester may not, and neither may somebody who could be the requester.
 * @param requestedBy identity of the principal that asked for the run
 */
export const mayDecide = (principal: Principal, requestedBy: string | null, fourEyes: boolean): boolean =>
  !fourEyes || (principal.kind !== 'link' && !isSame(principal, requestedBy));

/**
 * Whether an approval rule lets calls of a run pass: under four eyes it must be somebody else's than the requester's.
 * @param madeBy identity of the principal that made the rule; null when that is not known
 */
export const ruleServes = (madeBy: string | null, requestedBy: string | null, fourEyes: boolean): boolean =>
  !fourEyes || (madeBy !== null && madeBy !== requestedBy);

const scopesOf = (principal: Principal): readonly Scope[] => ('scopes' in principal ? principal.scopes : []);
