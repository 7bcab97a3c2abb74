import type { ContractHandlers } from '../context.ts';
import { checkVerifyUrl } from '../links/redirects.ts';

/** How the product confirms the users of consents. */
export const consentSettingsHandlers: Pick<ContractHandlers['workspace'], 'consentSettings' | 'setConsentSettings'> = {
  consentSettings: ({ ctx }) => ctx.workspaceDb.consentSettings.get(),
  setConsentSettings: async ({ input: { verifyUrl }, ctx: { deps, workspaceDb } }) => {
    checkVerifyUrl(deps.consents, verifyUrl);
    await workspaceDb.consentSettings.setVerifyUrl(verifyUrl);
    return workspaceDb.consentSettings.get();
  },
};
