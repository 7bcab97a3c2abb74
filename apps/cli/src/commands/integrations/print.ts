import type { Integration } from '@errand/contracts';
import type { Cli } from '../../cli/cli.ts';

export function printIntegration(integration: Integration, cli: Cli): void {
  cli.output.answer(integration, {
    text: ({
      name,
      customerIntegrationId,
      toolCount,
      enabledToolCount,
      host,
      warnings,
      needsReview,
      pendingBaseUrl,
    }) => [
      `${name} (${customerIntegrationId}) at ${host}: ${enabledToolCount} of ${toolCount} tools are enabled.`,
      ...(needsReview ? ['It needs a review: errand integrations tools shows what changed.'] : []),
      ...(pendingBaseUrl ? [`Its new base URL ${pendingBaseUrl} must be confirmed in the console.`] : []),
      ...warnings.slice(0, 10).map((warning) => `! ${warning}`),
    ],
    ids: ({ customerIntegrationId }) => [customerIntegrationId],
  });
}
