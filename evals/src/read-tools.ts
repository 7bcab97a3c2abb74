import type { ToolSpec } from '@errand/contracts';
import { createEgress, importOpenApi } from '@errand/integrations';

/** An address for documents whose operations are never called. */
export const ANYWHERE = 'http://127.0.0.1:9';

/** The tools of an OpenAPI document, as the service would store them. */
export async function readTools(document: string | object, customerIntegrationId: string, name: string) {
  const egress = createEgress({ allowOrigins: [ANYWHERE] });
  try {
    const { tools } = await importOpenApi({ document, customerIntegrationId, name, baseUrl: ANYWHERE, egress });
    const specs = tools.flatMap((text) => JSON.parse(Buffer.from(text).toString()) as ToolSpec[]);
    return specs.map(
      (tool): ToolSpec => ({
        ...tool,
        name: `${customerIntegrationId}.${tool.operation}`,
        customerIntegrationId,
        integrationName: name,
        enabled: true,
        fingerprint: tool.operation,
      }),
    );
  } finally {
    await egress.close();
  }
}
