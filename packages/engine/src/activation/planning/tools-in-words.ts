// Sentences about tools that a plan cannot use.
import { integrationLabel } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';

/** Integrations that `offText` names at most. */
const MAX_OFF = 3;

/** A sentence about integrations with tools that are switched off, which may be what the goal needs; or an empty text. */
export function offText(integrations: Awaited<ReturnType<Catalog['off']>>): string {
  const named = integrations.slice(0, MAX_OFF).map(({ customerIntegrationId, off, of, ...one }) => {
    const at = `PUT /v1/integrations/${customerIntegrationId}/tools`;
    return `${off} of ${of} tools at ${integrationLabel(one)} (${at} switches them on)`;
  });
  const more = integrations.length - named.length;
  return named.length === 0
    ? ''
    : ` Switched off: ${named.join(', ')}${more > 0 ? `, and some of ${more} others` : ''}.`;
}

/** What happened to a tool of a plan. */
export function whatOf({ name, gone }: { name: string; gone: boolean }, selected: readonly string[]): string {
  if (!gone) return 'changed';
  return selected[0] === '*' || selected.includes(name.slice(0, name.indexOf('.'))) ? 'gone' : 'not selected';
}
