import { toLimits } from '@errand/db';
import type { ContractHandlers } from '../context.ts';
import { brandHandlers } from './brand.ts';
import { browserOriginHandlers } from './browser-origins.ts';
import { consentSettingsHandlers } from './consent-settings.ts';
import { originHandlers } from './origins.ts';

/** The state of the workspace, for its administrators. */
export const workspace: ContractHandlers['workspace'] = {
  status: async ({ ctx: { workspaceDb, principal, deps } }) => {
    const { approvals, features, limits } = deps.instance;
    const { workspaceId } = principal;
    const settings = deps.db.workspaceSettings.of(workspaceId);
    return {
      workspaceId,
      approvals,
      features,
      limits,
      ownLimits: settings ? toLimits(settings) : {},
      integrations: await workspaceDb.integrations.health(),
    };
  },
  ...consentSettingsHandlers,
  ...originHandlers,
  ...brandHandlers,
  ...browserOriginHandlers,
};
