import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogEntry } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalog } from './catalog.ts';
import { isOutdated } from './entry-faults.ts';
import { createSearch } from './search.ts';

const idsOf = (entries: readonly CatalogEntry[]): string[] => entries.map(({ id }) => id);
const catalog = openCatalog();

describe('a search', () => {
  it.each([
    ['tickets of a help desk', ['zendesk', 'intercom']],
    ['chat and calendar', []],
    ['help desk', ['zendesk', 'intercom']],
    ['Slack', ['slack']],
    ['outl', ['microsoft-outlook']],
    ['crm', ['hubspot', 'salesforce']],
    ['spreadsheet', ['google-sheets', 'airtable']],
    ['😀', []],
    ['(', []],
  ])('for %j finds %j', async (text, expected) => {
    const found = idsOf(await catalog.search(text));
    expect(found).toEqual(expected);
  });

  it('without words finds all entries by name', async () => {
    const names = (await catalog.search(' ')).map(({ name }) => name);
    expect(names).toHaveLength(25);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
  });

  it('ranks a name before a word', async () => {
    const found = idsOf(await catalog.search('calendar'));
    expect(found).toEqual(['google-calendar', 'microsoft-outlook']);
  });
});

it('a search reads the texts of entries once, not for each request', () => {
  let reads = 0;
  const counted = new Proxy(
    { id: 'desk', name: 'Desk', words: ['tickets'], category: 'support', description: 'Tickets.' },
    {
      get: (target, field) => {
        if (field === 'description') reads++;
        return Reflect.get(target, field);
      },
    },
  ) as unknown as CatalogEntry;
  const search = createSearch([counted]);
  for (let i = 0; i < 5; i++) expect(idsOf(search('ticket'))).toEqual(['desk']);
  expect(reads).toBe(1);
});

it.each([
  ['zendsk', ['zendesk']],
  ['Hub Spot', ['hubspot']],
  ['google', ['google-calendar', 'google-drive', 'google-sheets']],
  ['teams', ['microsoft-teams']],
  ['quickbooks', []],
  ['__proto__', []],
])('ids similar to %j are %j', async (id, expected) => {
  expect(await catalog.similarIds(id)).toEqual(expected);
});

it.each(['__proto__', 'constructor', '../linear'])('there is no entry %j', async (id) => {
  expect(await catalog.get(id)).toBeUndefined();
});

it('facts are outdated after 180 days', () => {
  const now = new Date('2026-11-30T00:00:00Z');
  expect(isOutdated({ checked: '2026-06-03' }, now)).toBe(false);
  expect(isOutdated({ checked: '2026-06-02' }, now)).toBe(true);
});

describe('a folder of the operator', () => {
  let folder: string;
  const entry = {
    id: 'crm',
    version: '2026-11-30',
    name: 'House CRM',
    category: 'crm',
    description: 'Deals of our house.',
    sources: [{ kind: 'openapi', url: 'https://crm.example.com/openapi.json', pick: { operations: ['listDeals'] } }],
    auth: [{ type: 'NONE' }],
    tools: {},
    source: {},
    checked: '2026-11-30',
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'errand-catalog-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const put = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));

  it('adds entries and replaces packed ones', async () => {
    await put('crm.json', entry);
    await put('slack.json', { ...entry, id: 'slack', name: 'Our Slack' });
    const own = openCatalog({ folder });
    expect((await own.get('crm'))?.name).toBe('House CRM');
    expect((await own.get('slack'))?.name).toBe('Our Slack');
    expect(await own.search()).toHaveLength(26);
  });

  it('is refused with the file and the fault', async () => {
    await put('bad.json', { ...entry, id: 'bad', auth: [] });
    const reading = openCatalog({ folder }).search();
    await expect(reading).rejects.toThrow(
      'bad.json of the catalogue is invalid. /auth must have a way to authenticate.',
    );
    const catalog = openCatalog({ folder });
    await expect(catalog.search()).rejects.toThrow();
    await rm(join(folder, 'bad.json'));
    expect((await catalog.get('crm'))?.name).toBe('House CRM');
  });
});
