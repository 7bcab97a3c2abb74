// docs/limits.md has exactly the declared bounds, in the same order.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { itemLimitProblem, itemLimits } from './item-limits.ts';

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');

test('the page has every bound on items of a workspace, with its number and code', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d,]+) \| 409 `(\w+)` \|/gm)].map(([, ...cells]) => cells);
  const declared = Object.entries(itemLimits).map(([kind, { max, code }]) => [kind, max.toLocaleString('en-US'), code]);
  expect(rows).toEqual(declared);
  expect(declared.length).toBeGreaterThan(5);
});

test('the refusal names the bound that applies', () => {
  expect(itemLimitProblem('apiKeys')).toMatchObject({
    code: 'item_limit_reached',
    message: 'The workspace has its maximum of 200 API keys.',
    options: { remedy: 'Revoke keys that are not used.', values: { max: 200 } },
  });
  expect(itemLimitProblem('integrations', 2)).toMatchObject({
    message: 'The workspace has its maximum of 2 integrations.',
    options: { values: { max: 2 } },
  });
});
