import { expect, test } from 'vitest';
import { errorTable } from './error.ts';

/** Codes whose remedy depends on the request alone, so that each error has its own. */
const remedied = Object.entries(errorTable).filter(([, { remedy }]) => remedy !== undefined);

test('the problems that callers meet most have a remedy, which is a sentence', () => {
  expect(remedied.length).toBeGreaterThan(30);
  expect(remedied.map(([code]) => code)).toEqual(
    expect.arrayContaining(['validation_failed', 'unauthenticated', 'rate_limited', 'idempotency_key_reused']),
  );
  for (const [code, { remedy }] of remedied)
    expect([code, remedy]).toEqual([code, expect.stringMatching(/^[A-Z].*\.$/)]);
});
