import { expect, test } from 'vitest';
import type { AuditEntry } from './entry.ts';
import { readLines } from './export.ts';
import { idAfter } from './id-after.ts';
import { searchOf } from './search.ts';

test('the address has filters that the service accepts, and nothing else', () => {
  const filters = {
    actorId: 'a',
    actorType: 'person',
    actions: ['webhook.created', 'webhook.deleted'],
    runId: '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01',
    from: '2026-01-31',
    to: '2026-02-28',
  };
  expect(searchOf({ ...filters, more: 1 })).toEqual(filters);
  expect(searchOf({ actions: 'webhook.created' })).toEqual({ actions: ['webhook.created'] });
  expect(
    searchOf({
      actorId: 1,
      actorType: 'x',
      actions: ['x'],
      target: ' ',
      runId: 'x',
      from: '0',
      to: '2026-13-01',
      entry: 'x',
    }),
  ).toEqual({});
});

test('the id after an id is the next one', () => {
  expect(idAfter('0192f0c1-7a3e-7c11-9d52-3f6b2f0c8aff')).toBe('0192f0c1-7a3e-7c11-9d52-3f6b2f0c8b00');
  expect(idAfter('00000000-0000-0000-0000-00000000000f')).toBe('00000000-0000-0000-0000-000000000010');
});

test('an export reads all pages, and ends when it is stopped', async () => {
  const stop = new AbortController();
  const pages = [['a', 'b'], ['c'], ['d']];
  const read = async (cursor: string | undefined, signal: AbortSignal) => {
    signal.throwIfAborted();
    const at = Number(cursor ?? 0);
    const entries = pages[at]!.map((target) => ({ target }) as AuditEntry);
    return { entries, nextCursor: at + 1 < pages.length ? String(at + 1) : undefined };
  };
  const counts: number[] = [];
  const { parts, ...rest } = await readLines(read, stop.signal, (count) => counts.push(count));
  expect([rest, counts]).toEqual([{ count: 4, isCut: false }, [2, 3, 4]]);
  expect(await new Blob(parts).text()).toBe('{"target":"a"}\n{"target":"b"}\n{"target":"c"}\n{"target":"d"}\n');
  const stopped = readLines(read, stop.signal, (count) => count === 3 && stop.abort());
  await expect(stopped).rejects.toThrow(/abort/);
});
