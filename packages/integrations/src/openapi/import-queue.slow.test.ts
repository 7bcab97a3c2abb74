// Long imports of a hostile workspace, read by real processes, while another workspace imports.
import { RecentUse } from '@errand/basics/recent-use';
import { expect, test } from 'vitest';
import { createEgress } from '../egress/egress.ts';
import { limits } from './document/limits.ts';
import { importOpenApi } from './import-openapi.ts';
import { ImportQueue } from './import-queue.ts';

/** YAML of 8 MiB is read until a limit of processor time or memory ends the reading. */
const LONG = `openapi: 3.1.0\nlines:\n${'- [a, b, c]\n'.repeat(650_000)}`;
const SMALL = {
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  servers: [{ url: 'https://things.vendor.com' }],
  paths: { '/things': { get: { operationId: 'listThings', responses: {} } } },
};
const egress = createEgress({ resolver: async () => [{ address: '93.184.216.34', family: 4 }] });

test('while eight long imports of a workspace wait, small imports of another take less than 45 s', async () => {
  const recentUse = new RecentUse();
  const queue = new ImportQueue(limits, recentUse);
  const leaving = new AbortController();
  const read = (workspaceId: string, document: string | object, signal?: AbortSignal) =>
    queue.run(workspaceId, signal, (slot) =>
      importOpenApi({ egress, customerIntegrationId: 'a_12345678', document, slot, ...(signal && { signal }) }),
    );
  let ended = 0;
  const long = Array.from({ length: 8 }, () =>
    read('hostile', LONG, leaving.signal)
      .catch(() => {})
      .finally(() => ended++),
  );
  // Both processes work on them when the first small import comes.
  await expect.poll(() => recentUse.of('hostile')).toBeGreaterThan(500);
  for (let n = 1; n <= 3; n++) {
    const before = performance.now();
    expect((await read('other', SMALL)).title).toBe('Things');
    const tookMs = Math.round(performance.now() - before);
    console.log(`Small import ${n} took ${tookMs} ms; ${ended} long ones have ended.`);
    expect(tookMs).toBeLessThan(45_000);
  }
  // None of the long imports made room by its end.
  expect(ended).toBe(0);
  leaving.abort();
  await Promise.all(long);
});
