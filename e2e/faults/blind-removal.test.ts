import { removeOld } from '@errand/db';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { BlindClients } from './blind-removal.ts';

/** A connection to a database with one old partition. */
function aConnection(isBlind: boolean) {
  const blind = new BlindClients();
  const texts: string[] = [];
  const row = {
    mine: true,
    open: false,
    done: true,
    runs: 0,
    low: null,
    high: null,
    at: new Date(),
    untilAt: new Date(0),
  };
  const query = async (text: string) => {
    texts.push(text);
    return { rows: [row], rowCount: 0 };
  };
  const client = { query, end: async () => {} } as unknown as pg.Client;
  const connect = async () => (isBlind ? blind.blind(client) : client);
  return { connect, texts, blind };
}

test('a blind removal sends each look without its question for open runs', async () => {
  const ages = { eventDays: 7, runDays: 30 };
  const { signal } = new AbortController();
  const [whole, without] = [aConnection(false), aConnection(true)];
  for (const { connect } of [whole, without]) await removeOld(connect, ages, signal);
  expect(without.blind.missed).toEqual([]);
  expect(whole.blind.missed).toHaveLength(2);
  const changed = without.texts.filter((text, i) => text !== whole.texts[i]);
  expect(changed.map((text) => text.match(/< \$2 AND (.*) OFFSET 0/)![1])).toEqual([
    'run.ended_at > $3::timestamptz',
    'run.ended_at > $3::timestamptz',
    'run.ended_at IS NOT NULL',
  ]);
});
