// The audit log: its entries, and the operation that lists them.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  cursor,
  defaultLimit,
  doc,
  nextCursor,
  oneOf,
  optionalNonEmptyText,
  optionalText,
  text,
} from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { InputTimestamp, Timestamp } from '../base/scalars.ts';

/** The recorded actions. The names are stable. */
const auditActions = [
  'api_key.created',
  'api_key.rotated',
  'api_key.revoked',
  'integration.created',
  'integration.changed',
  'integration.deleted',
  'tools.chosen',
  'credential.stored',
  'credential.revoked',
  'credential.erased',
  'credential.used',
  'credential.rejected',
  'approval.asked',
  'approval.shown',
  'approval.decided',
  'approval_rule.created',
  'approval_rule.revoked',
  'consent.asked',
  'consent.decided',
  'effect.asked',
  'effect.resolved',
  'question.asked',
  'question.shown',
  'question.decided',
  'input.asked',
  'input.shown',
  'input.decided',
  'webhook.created',
  'webhook.changed',
  'webhook.rotated',
  'webhook.deleted',
  'webhook.disabled',
  'action.kept',
  'action.changed',
  'action.deleted',
  'schedule.created',
  'schedule.changed',
  'schedule.deleted',
  'schedule.paused',
  'member.invited',
  'member.joined',
  'member.role_changed',
  'member.removed',
  'member.invitation_revoked',
  'session.entered',
  'sign_in.refused',
  'person.disabled',
  'person.enabled',
  'workspace.created',
  'workspace.renamed',
  'workspace.limits_changed',
  'workspace.suspended',
  'workspace.resumed',
  'workspace.deleted',
  'workspace.removed',
  'audit.read',
] as const;
export const AuditAction = z.enum(auditActions).meta({
  id: 'AuditAction',
  description: 'The action. The word before the dot is the kind of the target.',
  examples: ['credential.stored'],
});
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditActor = z
  .object({
    type: oneOf(
      ['api_key', 'subject', 'person', 'platform', 'link', 'system'],
      'subject: the user of an access token. person: who is signed in to the console. platform: a platform key. link: the holder of a link. system: the service itself.',
      'api_key',
    ),
    id: optionalText(
      'For a key: its principalId, which rotations do not change; details.byApiKeyId is the key that was used. For a subject: the issuer, a space, and its sub. For a person: its id. For a link: the id of its request.',
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
  action: AuditAction.optional(),
  from: InputTimestamp.optional().meta(doc('Only entries of this time or later.', '2026-01-31T00:00:00.000Z')),
  to: InputTimestamp.optional().meta(doc('Only entries before this time.', '2026-02-28T00:00:00.000Z')),
  pageSize: defaultLimit(100, 1000, 'Entries a page.'),
  cursor,
});
export type ListAuditInput = z.output<typeof ListAuditInput>;

export const AuditPage = z
  .object({ entries: z.array(AuditEntry), nextCursor })
  .meta({ id: 'AuditPage', description: 'A page of the audit log, newest first.' });

export const audit = withTag('Audit', {
  list: query({
    input: ListAuditInput,
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
