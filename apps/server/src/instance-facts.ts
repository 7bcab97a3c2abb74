import type { InstanceFacts } from '@errand/api';
import { slotsFor } from '@errand/engine';
import type { Config } from './config/config.ts';
import type { ModelCalls } from './planning/model-calls.ts';

/** Slots of a workspace without a limit of its own. */
export const slotsOf = ({ workspaceConcurrency, workerConcurrency }: Config): number =>
  workspaceConcurrency ?? slotsFor(workerConcurrency);

/** The facts of the instance that callers may know: its settings, and the rules that follow from them. */
export function instanceFacts(config: Config, modelCalls: ModelCalls): InstanceFacts {
  const { approvalFloor, fourEyes, taint, model, retention, settings } = config;
  const floors = new Set([approvalFloor, fourEyes ? 'ON_WRITE' : 'NONE'] as const);
  floors.delete('NONE');
  const isSet = (name: string) => settings.some((setting) => setting.name === name && setting.isSet);
  return {
    approvals: { fourEyes, taint, floors: [...floors] },
    features: { model: model !== undefined, oidc: isSet('ERRAND_OIDC_ISSUER') },
    limits: {
      requestsPerMinute: config.rateLimit,
      runsAtOnce: slotsOf(config),
      openRuns: config.maxWorkspaceBacklog,
    },
    retention,
    settings,
    model: () => ({
      isConfigured: model !== undefined,
      ...(model && { provider: model.provider, name: model.model }),
      ...(modelCalls.last && { lastCall: modelCalls.last }),
    }),
  };
}
