import { expect, test } from 'vitest';
import { CARELESS_FIRST } from './careless-first.ts';
import { doubtsOf } from './doubts-of.ts';
import { GOOD_FIRST } from './good-first.ts';

test.each(GOOD_FIRST)('good: $intent', async (one) => expect(await doubtsOf(one)).toEqual([]));
test.each(CARELESS_FIRST)('careless: $slip', async (one) => expect(await doubtsOf(one)).not.toEqual([]));
