// The state of a workspace, as its administrators see it.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { Features, InstanceApprovals, WorkspaceId } from '../access/session.ts';
import { WorkspaceLimits } from '../access/workspaces.ts';
import { count } from '../base/fields.ts';
import { IntegrationHealth } from '../integrations/integration-health.ts';
import { brandOperations } from './brand.ts';
import { browserOriginOperations } from './browser-origins.ts';
import { consentSettingsOperations } from './consent-settings.ts';
import { originOperations } from './origins.ts';

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
