import { randomBytes } from 'node:crypto';
import type { ApprovalStrategy, PickOperations, RequestSettings, Rules } from '@errand/contracts';
import type { Target } from '../credentials/destination.ts';
import type { Prisma } from '../generated/client.ts';
import { withoutNulls } from '../statements/fields.ts';
import type { Registered } from '../tools/tool-row.ts';

/** The fields that an entry of the catalogue gave. */
export type CatalogFields = RequestSettings & { rules?: Rules | undefined };

export type Connection = Registered &
  Target & {
    registeredAt: Date;
    name: string;
    kind: 'openapi' | 'mcp';
    /** For an MCP server: whether its hints count. */
    trustHints: boolean;
    /** The user whose credential was used to read the tools last. */
    toolsUserId?: string;
    /** Expiry of the tool list, as the server states it. */
    listStaleAt?: Date;
    description?: string;
    logoUrl?: string;
    logoSha256?: string;
    host: string;
    instructions?: string;
    /** The page that confirms the users of consents; absent: that of the workspace. */
    verifyUrl?: string;
    /** The minimum approval strategy of runs that call it. */
    approvalFloor: ApprovalStrategy;
    sourceUrl?: string;
    pick?: PickOperations;
    /** Whether the owner set the base URL. */
    ownerBaseUrl?: boolean;
    /** Present if a token, client secret or key of the owner is stored. */
    tokenFingerprint?: string;
    requestSettings?: RequestSettings;
    rules?: Rules;
    catalogId?: string;
    catalogVersion?: string;
    catalogFields?: CatalogFields;
    pendingIssuer?: string;
    active: boolean;
  };

/** Columns that may have megabytes, and secrets. */
export const integrationOmit = {
  document: true,
  documents: true,
  logo: true,
  firstEnable: true,
  sealedToken: true,
  sealedVariables: true,
} as const;
export type IntegrationRow = Prisma.IntegrationGetPayload<{ omit: typeof integrationOmit }>;

export const toConnection = (row: IntegrationRow): Connection =>
  withoutNulls<Omit<Connection, 'userVariables'>>({ ...row, registeredAt: row.createdAt });

export function newCustomerIntegrationId(name: string): string {
  return `${slug(name, 40) || 'integration'}_${randomBytes(4).toString('hex')}`;
}

/** Identifies the kind of service: equal for all registrations of a document. */
export const integrationIdOf = (host: string, title: string): string =>
  [slug(host, 60), slug(title, 60)].filter(Boolean).join('-') || 'integration';

const slug = (text: string, length: number): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replace(/^-|-$/g, '');
