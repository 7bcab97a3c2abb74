import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

test('pages load at most 12 kB, compressed, and nothing of the server or of tRPC', async () => {
  const bundle = await rolldown({
    input: new URL('./index.ts', import.meta.url).pathname,
    platform: 'browser',
    resolve: { conditionNames: ['errand-source', 'import', 'browser', 'default'] },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const [{ code, imports, moduleIds }] = output;
  const bytes = gzipSync(code).length;
  console.log(`@errand/client/browser: ${bytes} bytes, compressed`);
  expect(bytes).toBeLessThanOrEqual(12_000);
  expect([imports, output.length]).toEqual([[], 1]);
  const outside = moduleIds.filter((id) => !id.includes('/packages/client/src/') && !id.startsWith('\0'));
  expect(outside).toEqual([expect.stringContaining('/eventsource-parser/')]);
});
