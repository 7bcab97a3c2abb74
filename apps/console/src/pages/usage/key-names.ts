// The keys of rows for people.
import { requestKindLabels, runStatusLabels } from '@errand/contracts/labels';
import { dayText } from './numbers.ts';
import type { UsageBy } from './search.ts';
import type { UsageRow } from './use-usage.ts';

type Names = ReadonlyMap<string, string>;
const labelOf = (labels: Readonly<Record<string, string>>, key: string): string => labels[key] ?? key;

/** A requester without a row of one principal: all persons of a product, or all users of an issuer. */
export function requesterText(key: string): string {
  const [type = '', ...rest] = key.split(':');
  if (type === 'claimed') return `persons of ${rest.join(':')}`;
  return type === 'subject' ? `users of ${rest.join(':')}` : key;
}

export function toolText(tool: string, names: Names): string {
  const dot = tool.indexOf('.');
  const name = names.get(tool.slice(0, dot));
  return name === undefined ? tool : `${name}: ${tool.slice(dot + 1)}`;
}

const TEXTS: Readonly<Record<UsageBy, (row: UsageRow, names: Names) => string>> = {
  day: ({ key }) => dayText(key),
  status: ({ key }) => labelOf(runStatusLabels, key),
  integration: ({ key }, names) => names.get(key) ?? key,
  tool: ({ key }, names) => toolText(key, names),
  user: ({ key }) => key,
  requester: ({ key, requester }) => requester?.label ?? requesterText(key),
  request: ({ key }) => labelOf(requestKindLabels, key),
};

/** @param names of the integrations, by their ids */
export const keyText = (by: UsageBy, row: UsageRow, names: Names): string =>
  row.other ? 'all others' : TEXTS[by](row, names);
