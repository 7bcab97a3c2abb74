// The state of a workspace, as its administrators see it.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { Features, InstanceApprovals, WorkspaceId } from '../access/session.ts';
import { WorkspaceLimits } from '../access/workspaces.ts';
import { count, doc, flag, optionalTime, text } from '../base/fields.ts';
import { CustomerIntegrationId } from '../base/scalars.ts';
import { CallHealth } from '../integrations/integration.ts';
import { brandOperations } from './brand.ts';
import { browserOriginOperations } from './browser-origins.ts';
import { consentSettingsOperations } from './consent-settings.ts';
import { originOperations } from './origins.ts';

const integrationFaults = [
  'needs_review',
  'tools_not_read',
  'token_rejected',
  'token_origin_changed',
  'base_url_pending',
  'issuer_pending',
  'users_must_reconnect',
  'failing',
] as const;

const IntegrationHealth = z
  .object({
    customerIntegrationId: CustomerIntegrationId,
    name: text('Its name.', 'CRM'),
    active: flag('Whether runs may use it.', true),
    faults: z
      .array(z.enum(integrationFaults))
      .meta(
        doc(
          'Its faults. needs_review: tools changed. tools_not_read: the last reads of its tools failed. token_rejected: the service answered 401 to the token of the workspace. token_origin_changed: that token is not sent to the new origin. base_url_pending, issuer_pending: confirm the new one with PATCH. users_must_reconnect: see usersToReconnect. failing: its last call failed, as did at least half of five or more since the hour before this one.',
          ['users_must_reconnect'],
        ),
      ),
    toolsReadAt: optionalTime('The last read of the tools of an MCP server.', '2026-01-31T09:30:00.000Z'),
    failedReads: count('Consecutive failed reads of its tools.', 0),
    usersConnected: count('Users with a stored credential.', 40),
    usersToReconnect: count('Users who must store their credential or give their consent again.', 2),
    calls: CallHealth.optional().meta({ description: 'Its health by its calls. Absent before its first call.' }),
  })
  .meta({ id: 'IntegrationHealth', description: 'An integration with a fault.' });
export type IntegrationHealth = z.infer<typeof IntegrationHealth>;

const WorkspaceStatus = z
  .object({
    workspaceId: WorkspaceId,
    approvals: InstanceApprovals,
    features: Features,
    limits: z
      .object({
        requestsPerMinute: count('Requests that one API key may make in a minute; 0: no limit.', 300_000),
        runsAtOnce: count('Runs that execute at once.', 60),
        openRuns: count('Open runs at which new ones are refused.', 20_000),
      })
      .meta({ description: 'The limits of each workspace of the instance.' }),
    ownLimits: WorkspaceLimits,
    integrations: z.object({
      total: count('Integrations of the workspace; at most 1,000 are counted.', 12),
      withFaults: count('Those with a fault.', 1),
      faulty: z
        .array(IntegrationHealth)
        .max(100)
        .meta({ description: 'Integrations with a fault, by name; at most 100.' }),
    }),
  })
  .meta({ id: 'WorkspaceStatus', description: 'The state of a workspace.' });
export type WorkspaceStatus = z.infer<typeof WorkspaceStatus>;

const status = withTag('Instance', {
  status: query({
    input: z.strictObject({}),
    output: WorkspaceStatus,
    scope: 'admin',
    http: {
      route: 'GET /v1/workspace/status',
      summary: 'Get the state of the workspace',
      success: 'The state.',
      description:
        'The approvals that the instance requires, the limits of the workspace, and its integrations with a fault.',
    },
  }),
});

export const workspace = {
  ...status,
  ...consentSettingsOperations,
  ...originOperations,
  ...browserOriginOperations,
  ...brandOperations,
};
