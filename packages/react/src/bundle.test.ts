import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

test('pages load at most 5 kB, compressed, without React and the client', async () => {
  const bundle = await rolldown({
    input: new URL('./index.ts', import.meta.url).pathname,
    external: ['react', /^@errand\/client/],
    platform: 'browser',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const [{ code, imports }] = output;
  const bytes = gzipSync(code).length;
  console.log(`@errand/react: ${bytes} bytes, compressed`);
  expect(bytes).toBeLessThanOrEqual(5000);
  // Types are all that it needs of the client.
  expect([imports, output.length]).toEqual([['react'], 1]);
});
