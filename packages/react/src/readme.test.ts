import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the README shows code that e2e/browser/hooks.test.ts runs', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  expect(read('../README.md')).toContain(`\`\`\`tsx\n${read('./testing/fixtures/snippet.tsx')}\`\`\``);
});
