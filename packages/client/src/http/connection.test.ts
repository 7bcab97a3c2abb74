import { expect, test } from 'vitest';
import { createClient, streamEvents, waitForRun } from '../index.ts';
import { createRestClient } from '../rest/index.ts';

const openers: [name: string, open: (options: { url: string; apiKey: string }) => unknown][] = [
  ['createClient', createClient],
  ['createRestClient', createRestClient],
  ['streamEvents', (options) => streamEvents({ ...options, runId: 'r' })],
];

test.each(openers)('%s rejects a URL and a key with which every request would fail', (_, open) => {
  const usable = { url: 'http://127.0.0.1:1', apiKey: 'k' };
  expect(() => open(usable)).not.toThrow();
  // A key of a file often ends with a line break.
  expect(() => open({ ...usable, apiKey: 'k\n' })).not.toThrow();
  for (const url of ['', '127.0.0.1:4000', 'localhost:4000', 'ftp://x', 'http://', undefined as unknown as string])
    expect(() => open({ ...usable, url })).toThrow(/`url` is not/);
  for (const apiKey of ['k ey', 'schlüssel', undefined as unknown as string])
    expect(() => open({ ...usable, apiKey })).toThrow(/`apiKey` is missing/);
});

test('waitForRun rejects clients of others', async () => {
  await expect(waitForRun({ GET: {} }, 'r')).rejects.toThrow(/not of createClient/);
});
