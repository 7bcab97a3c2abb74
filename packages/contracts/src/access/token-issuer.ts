// The setting ERRAND_TOKEN_ISSUERS: the issuers of access tokens that `/mcp` accepts.
import { z } from 'zod';
import type { Scope } from './scope.ts';

/** Scopes of access tokens: those of the tools for agents, and the one that shows consent links in a run. */
const tokenScopes = [
  'runs:read',
  'runs:write',
  'approvals:decide',
  'connections:write',
] as const satisfies readonly Scope[];
/** Signatures by a private key of the issuer, none by a shared secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

const isIssuer = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && !/[?#@\s]/.test(text);
};
const WorkspaceId = z.union([z.literal('default'), z.guid()]);

/** A trusted issuer of access tokens for `/mcp`, as the operator configures it. */
const TokenIssuer = z
  .strictObject({
    /** The exact `iss` of its tokens. */
    issuer: z.string().max(500).refine(isIssuer),
    /** The workspace of all its tokens, or a claim and the workspace for each of its values. */
    workspace: WorkspaceId.optional(),
    claim: z.string().min(1).max(200).optional(),
    workspaces: z.record(z.string().min(1).max(500), WorkspaceId).optional(),
    /** The scopes that a token can have at most. */
    scopes: z.array(z.enum(tokenScopes)).min(1).default(['runs:read', 'runs:write']),
    algorithms: z.array(z.enum(algorithms)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  })
  .refine(({ workspace, claim, workspaces }) =>
    workspace === undefined ? claim !== undefined && workspaces !== undefined : claim === undefined && !workspaces,
  );
export type TokenIssuer = z.output<typeof TokenIssuer>;

/** At most twenty, without duplicates. */
export const TokenIssuers = z
  .array(TokenIssuer)
  .max(20)
  .refine((issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length);
