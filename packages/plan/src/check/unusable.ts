import type { UnusableTool } from '@errand/contracts';
import { operationLabel } from '../execute/label.ts';

/** Why a tool may not be used and what to do about it; people read it with the label, developers with the name. */
export function unusableText(name: string, why: UnusableTool, label = operationLabel(name)): string {
  if (why === 'in review') return `${label} has changed at its service and waits for review.`;
  const customerIntegrationId = name.slice(0, name.indexOf('.'));
  return `${label} is switched off. PUT /v1/integrations/${customerIntegrationId}/tools switches it on.`;
}
