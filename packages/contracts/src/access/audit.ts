// The audit log: its entries, and the operation that lists them.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  cursor,
  defaultLimit,
  doc,
  inPages,
  nextCursor,
  oneOf,
  optionalNonEmptyText,
  optionalOneOf,
  optionalText,
  text,
} from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { InputTimestamp, MAX_SEQ, RunId, Timestamp } from '../base/scalars.ts';
import { actorTypes, auditActions } from './audit-actions.ts';

export const AuditAction = z.enum(auditActions).meta({
  id: 'AuditAction',
  description: 'The action. The word before the dot is the kind of the target.',
  examples: ['credential.stored'],
});
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditActor = z
  .object({
    type: oneOf(
      actorTypes,
      'subject: the user of an access token. person: who is signed in to the console. claimed: a person whom a product names; details.byApiKeyId is its key. platform: a platform key. link: the holder of a link. system: the service itself.',
      'api_key',
    ),
    id: optionalText(
      'For a key: its principalId, which rotations do not change; details.byApiKeyId is the key that was used. For a subject: the issuer, a space, and its sub. For a person: its id. For a claimed person: the product, a colon, and the id there. For a link: the id of its request.',
      '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04',
    ),
    label: text('Its name, for people.', 'billing service'),
    ip: optionalText('IP address of the client.', '203.0.113.7'),
  })
  .meta({ id: 'AuditActor', description: 'The principal that acted.' });

export const AuditEntry = z
  .object({
    auditId: z.guid().meta(doc('Its id.', '0192f0c1-7a60-7a11-9c01-5b1c9e7d4407')),
    at: Timestamp,
    actor: AuditActor,
    action: AuditAction,
    target: text('The id of the target: a key, an integration, a user …', 'crm_1a2b3c4d'),
    details: z
      .record(z.string(), Json)
      .meta(doc('Details of the action. They contain no secrets.', { userId: 'user-123' })),
    seal: z
      .object({
        seq: z.int().meta(doc('Its number in the chain of the workspace, from 1.', 42)),
        hash: text('SHA-256 over the entry and the hash before it.', '9f86d081'),
      })
      .optional()
      .meta({ description: 'Its position in the chain of hashes. Absent for some seconds after it was written.' }),
  })
  .meta({ id: 'AuditEntry', description: 'A recorded action with its actor and target.' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const ListAuditInput = z.strictObject({
  actorId: optionalNonEmptyText(
    1000,
    'Only actions of this principal: the principalId of a key, or the id of a person.',
    '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04',
  ),
  actorType: optionalOneOf(actorTypes, 'Only actions of principals of this kind.', 'person'),
  action: AuditAction.optional(),
  actions: z
    .array(AuditAction)
    .min(1)
    .max(auditActions.length)
    .optional()
    .meta(doc('Only these actions.', ['webhook.created', 'webhook.deleted'])),
  target: optionalNonEmptyText(1000, 'Only actions on this target: its id.', 'crm_1a2b3c4d'),
  runId: RunId.optional().meta({ description: 'Only actions of this run: its requests, decisions and credentials.' }),
  from: InputTimestamp.optional().meta(doc('Only entries of this time or later.', '2026-01-31T00:00:00.000Z')),
  to: InputTimestamp.optional().meta(doc('Only entries before this time.', '2026-02-28T00:00:00.000Z')),
  pageSize: defaultLimit(100, 1000, 'Entries a page.'),
  cursor,
});
export type ListAuditInput = z.output<typeof ListAuditInput>;

export const AuditPage = z
  .object({ entries: z.array(AuditEntry), nextCursor })
  .meta({ id: 'AuditPage', description: 'A page of the audit log, newest first.' });

const ChainHead = z
  .object({
    seq: z.int().min(0).meta(doc('Number of its last entry; 0 if it has none.', 42)),
    hash: text('Hash of its last entry; 64 zeros if it has none.', '9f86d081'),
  })
  .meta({
    id: 'AuditChainHead',
    description: 'The end of the chain. Store it elsewhere to notice a chain that is cut.',
  });

const AuditLink = z
  .object({
    seq: z.int().min(1).meta(doc('Its number in the chain, from 1.', 42)),
    hash: text('SHA-256 over the entry, its number and the hash before it, in hexadecimal.', '9f86d081'),
    auditId: z.guid().meta(doc('Id of its entry.', '0192f0c1-7a60-7a11-9c01-5b1c9e7d4407')),
    entry: AuditEntry.optional().meta({ description: 'The entry. Absent if it was deleted, which breaks the chain.' }),
  })
  .meta({ id: 'AuditLink', description: 'A link of the chain with its entry.' });

export const AuditChainInput = z.strictObject({
  afterSeq: z.int().min(0).max(MAX_SEQ).default(0).meta(doc('Only links after this number.', 0)),
  pageSize: defaultLimit(100, 1000, 'Links a page.'),
});

export const AuditChain = z
  .object({
    workspaceId: z.guid().meta(doc('The workspace, which each hash covers.', '0192f0c1-7a30-7b22-8c41-2d9e6f1a5b02')),
    links: z.array(AuditLink).meta({ description: 'The next links, in the order of the chain.' }),
    head: ChainHead,
  })
  .meta({ id: 'AuditChain', description: 'A page of the chain of hashes, and the end of the chain.' });
export type AuditChain = z.infer<typeof AuditChain>;

export const audit = withTag('Audit', {
  chain: query({
    input: AuditChainInput,
    output: AuditChain,
    scope: 'admin',
    http: {
      route: 'GET /v1/audit/chain',
      summary: 'Read the chain of the audit log',
      success: 'A page of links, and the head.',
      description:
        'Entries in the order of their chain of hashes, with everything that a hash covers, so that callers can verify the log. Continue with the last `seq` as `afterSeq` until it is that of `head`. Reading from the beginning is also recorded.',
    },
  }),
  list: query({
    input: inPages(ListAuditInput),
    output: AuditPage,
    scope: 'admin',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/audit',
      summary: 'Read the audit log',
      success: 'One page of entries.',
      description:
        'Actions in the workspace, newest first. Follow nextCursor to export the log. Reading the first page is also recorded.',
    },
  }),
});
