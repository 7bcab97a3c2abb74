import { problem, type SubjectPrincipal, type TokenIssuer, UserId } from '@errand/contracts';

type Claims = Readonly<Record<string, unknown>>;

/** The principal of a token. `workspace` is the name in the setting. */
export type Subject = Pick<SubjectPrincipal, 'kind' | 'id' | 'label' | 'scopes'> & { workspace: string };

/**
 * The subject of a checked token: in the workspace that the operator assigned, with the scopes that the operator allows.
 * @returns undefined if its `sub` cannot be a user
 * @throws ProblemError unknown_workspace
 */
export function subjectOf(claims: Claims, rule: TokenIssuer): Subject | undefined {
  const user = UserId.safeParse(claims.sub);
  if (!user.success || !isStorable(user.data)) return undefined;
  const workspace = rule.workspace ?? byClaim(claims[rule.claim!], rule.workspaces!);
  if (workspace === undefined)
    throw problem('unknown_workspace', `The claim ${rule.claim} of the token matches no workspace here.`);
  const granted = scopesOf(claims);
  const scopes = rule.scopes.filter((scope) => granted.includes(scope));
  return { kind: 'subject', id: `${rule.issuer} ${user.data}`, label: user.data, scopes, workspace };
}

/** Whether Postgres accepts a text: no NUL, no lone surrogate. */
const isStorable = (text: string): boolean => !text.includes('\0') && Buffer.from(text).toString() === text;

const byClaim = (value: unknown, workspaces: Readonly<Record<string, string>>): string | undefined =>
  typeof value === 'string' && Object.hasOwn(workspaces, value) ? workspaces[value] : undefined;

/** As `scope` (RFC 9068), or `scp`, which may be a list. */
function scopesOf({ scope, scp }: Claims): readonly unknown[] {
  const claim = scope ?? scp;
  if (typeof claim === 'string') return claim.split(' ');
  return Array.isArray(claim) ? claim : [];
}
