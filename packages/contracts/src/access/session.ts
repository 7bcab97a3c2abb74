// Who the caller is and what it may do; and the sessions of people.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { codes } from '../base/error.ts';
import { doc, flag, listInput, nextCursor, oneOf, optionalText, text } from '../base/fields.ts';
import { Timestamp, uuid } from '../base/scalars.ts';
import { KeyScope } from './api-keys.ts';
import { Role } from './role.ts';

export const WorkspaceId = uuid('WorkspaceId', 'Id of a workspace.', '0192f0c1-7a40-7c11-8d05-2f6b1a9c3e02');
const SessionId = uuid('SessionId', 'Id of a session, not its secrets.', '0192f0c1-7a41-7a22-9b10-4c8d2e6f5a13');

const WorkspaceOfCaller = z
  .object({ workspaceId: WorkspaceId, name: text('Its name.', 'Acme'), role: Role.optional() })
  .meta({ id: 'WorkspaceOfCaller', description: 'A workspace of the caller, and the role of a person in it.' });

const PersonOfSession = z
  .object({
    personId: z.guid().meta(doc('Its id.', '0192f0c1-7a42-7b33-8c21-5d9e3f7a6b24')),
    name: text('Its name.', 'Ada'),
    email: optionalText('Its e-mail address.', 'ada@example.com'),
    isOperator: flag('Whether the person operates this instance: creates, limits and suspends workspaces.', false),
    sessionId: SessionId,
    endsAt: Timestamp,
  })
  .meta({ id: 'PersonOfSession', description: 'The person who is signed in, and the session.' });

/** The approvals that the instance requires. A workspace cannot lower them. */
export const InstanceApprovals = z
  .object({
    fourEyes: flag('Whether the requester of a run may not decide about it.', false),
    taint: flag('Whether writes to other integrations than those that were read need an approval.', true),
    floors: z
      .array(ApprovalStrategy)
      .meta(
        doc('Minimum approvals of every run, whatever its approvalStrategy; integrations can add their own.', [
          'ON_WRITE',
        ]),
      ),
  })
  .meta({
    id: 'InstanceApprovals',
    description: 'The approvals that this instance requires. No workspace can lower them.',
  });

export const Features = z
  .object({
    model: flag('Whether a model plans.', true),
    oidc: flag('Whether people sign in at an OpenID Connect issuer.', false),
  })
  .meta({ id: 'Features', description: 'What this instance offers.' });

export const Session = z
  .object({
    caller: z
      .object({
        type: oneOf(['api_key', 'subject', 'person'], 'The kind of caller.', 'person'),
        id: text('For a key: its principalId. For a subject: the issuer, a space, and its sub.', 'key-1'),
        label: text('Its name, for people.', 'Ada'),
      })
      .meta({ description: 'The caller.' }),
    person: PersonOfSession.optional().meta({ description: 'Present for a session.' }),
    workspace: WorkspaceOfCaller.optional().meta({
      description: 'The workspace of the request; absent when a session names none.',
    }),
    workspaces: z
      .array(WorkspaceOfCaller)
      .meta({ description: 'All workspaces of the caller. A key or subject has one.' }),
    scopes: z.array(KeyScope).meta(doc('What the caller may do in the workspace of the request.', ['runs:read'])),
    approvals: InstanceApprovals,
    features: Features,
    version: text('The version of the service.', '0.2.0'),
    now: Timestamp,
  })
  .meta({ id: 'Session', description: 'Who the caller is, and what it may do.' });
export type Session = z.infer<typeof Session>;

const OpenSession = z
  .object({
    sessionId: SessionId,
    current: flag('Whether the request belongs to it.', true),
    createdAt: Timestamp,
    seenAt: Timestamp.meta({ description: 'Its last request, to the minute.' }),
    endsAt: Timestamp.meta({
      description: 'When it ends at the latest; it ends earlier after 12 hours without a request.',
    }),
    ip: optionalText('The address that signed in.', '203.0.113.7'),
    userAgent: optionalText('The browser that signed in.', 'Firefox'),
  })
  .meta({ id: 'OpenSession', description: 'An open session of the person.' });

const OpenSessionPage = z
  .object({ sessions: z.array(OpenSession), nextCursor })
  .meta({ id: 'OpenSessionPage', description: 'A page of open sessions of the person, newest first.' });

/** Operations of the caller itself. They need no workspace. */
export const session = withTag('Session', {
  get: query({
    input: z.strictObject({}),
    output: Session,
    scope: null,
    callers: 'anyone',
    http: {
      route: 'GET /v1/session',
      summary: 'Get the caller',
      success: 'The caller.',
      description: 'Who the caller is, what it may do, and the time and version of the service.',
    },
  }),
  list: query({
    input: listInput('Sessions', {}),
    output: OpenSessionPage,
    scope: null,
    callers: 'people',
    errors: codes('invalid_cursor'),
  }),
  end: mutation({
    input: z.strictObject({ sessionId: SessionId.optional() }),
    output: z.null(),
    scope: null,
    callers: 'people',
    errors: codes('not_found'),
  }),
});
