// The people of a workspace: members, their roles, and invitations. Only people who are signed in call these operations.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { count, inputText, listInput, nextCursor, optionalText, text } from '../base/fields.ts';
import { Timestamp, uuid } from '../base/scalars.ts';
import { Role } from './role.ts';

export const PersonId = uuid('PersonId', 'Id of a person.', '0192f0c1-7a42-7b33-8c21-5d9e3f7a6b24');
const InvitationId = uuid(
  'InvitationId',
  'Id of an invitation, not its token.',
  '0192f0c1-7a43-7c44-9d32-6eaf408b7c35',
);

const Member = z
  .object({
    personId: PersonId,
    name: text('The name of the person.', 'Ada'),
    email: optionalText('The e-mail address of the person.', 'ada@example.com'),
    role: Role,
    joinedAt: Timestamp,
    seenAt: Timestamp.optional().meta({ description: 'The last request of the person, to the minute.' }),
    openSessions: count('Open sessions of the person.', 1),
  })
  .meta({ id: 'Member', description: 'A member of the workspace.' });

const Invitation = z
  .object({
    invitationId: InvitationId,
    name: text('The name of the invited person.', 'Grace'),
    role: Role,
    invitedBy: text('The name of the inviting principal.', 'Ada'),
    createdAt: Timestamp,
    expiresAt: Timestamp,
  })
  .meta({ id: 'Invitation', description: 'An invitation that can still be used.' });

export const CreatedInvitation = z
  .object({
    invitationId: InvitationId,
    link: text('The link. Only this answer has it: send it to the person. It works once.', 'https://…/console/#…'),
    expiresAt: Timestamp,
  })
  .meta({ id: 'CreatedInvitation', description: 'A new invitation.' });

const MemberPage = z
  .object({ members: z.array(Member), nextCursor })
  .meta({ id: 'MemberPage', description: 'A page of members, oldest first.' });

const InvitationPage = z
  .object({ invitations: z.array(Invitation), nextCursor })
  .meta({ id: 'InvitationPage', description: 'A page of invitations, newest first.' });

const name = inputText(100, 'The name of the person.', 'Grace');
const MemberRef = z.strictObject({ personId: PersonId });

export const members = withTag('Members', {
  list: query({
    input: listInput('Members', {}),
    output: MemberPage,
    scope: 'admin',
    callers: 'people',
    errors: codes('invalid_cursor'),
  }),
  invite: mutation({
    input: z.strictObject({ name, role: Role }),
    output: CreatedInvitation,
    scope: 'admin',
    callers: 'people',
    errors: codes('invitation_limit_reached', 'item_limit_reached'),
  }),
  invitations: query({
    input: listInput('Invitations', {}),
    output: InvitationPage,
    scope: 'admin',
    callers: 'people',
    errors: codes('invalid_cursor'),
  }),
  revokeInvitation: mutation({
    input: z.strictObject({ invitationId: InvitationId }),
    output: z.null(),
    scope: 'admin',
    callers: 'people',
    errors: codes('not_found'),
  }),
  setRole: mutation({
    input: z.strictObject({ personId: PersonId, role: Role }),
    output: z.null(),
    scope: 'admin',
    callers: 'people',
    errors: codes('not_found', 'last_admin'),
  }),
  remove: mutation({
    input: MemberRef,
    output: z.null(),
    scope: 'admin',
    callers: 'people',
    errors: codes('not_found', 'last_admin'),
  }),
  /** Also for members without the scope `admin`. */
  leave: mutation({
    input: z.strictObject({}),
    output: z.null(),
    scope: 'runs:read',
    callers: 'people',
    errors: codes('last_admin'),
  }),
});
