import type { Integration } from '@errand/contracts';
import { usageFailure } from '../outcome/failure.ts';
import { readItems } from './read-items.ts';
import type { Service } from './service.ts';

const MAX_INTEGRATIONS = 1000;

/** The integration with this id or, regardless of case, this name; or the only one whose id or name begins so. */
export async function findIntegration(text: string, service: Service): Promise<Integration> {
  const all = await allIntegrations(service);
  const wanted = text.toLowerCase();
  const exact = all.filter(
    ({ customerIntegrationId, name }) => customerIntegrationId === text || name.toLowerCase() === wanted,
  );
  const matches =
    exact.length > 0
      ? exact
      : all.filter(({ customerIntegrationId, name }) =>
          [customerIntegrationId, name].some((each) => each.toLowerCase().startsWith(wanted)),
        );
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1)
    throw usageFailure(`"${text}" fits several integrations: ${listOf(matches)}.`, 'Give the id of one.');
  throw usageFailure(
    `There is no integration "${text}".`,
    all.length > 0 ? `There are: ${listOf(all)}.` : 'Register one with errand integrations add.',
  );
}

export const allIntegrations = ({ client }: Service): Promise<Integration[]> =>
  readItems((page) => client.integrations.list.query(page), MAX_INTEGRATIONS);

const listOf = (integrations: readonly Integration[]): string =>
  integrations
    .slice(0, 10)
    .map(({ name, customerIntegrationId }) => `${name} (${customerIntegrationId})`)
    .join(', ');
