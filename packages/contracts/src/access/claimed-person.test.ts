import { expect, test } from 'vitest';
import { toStoredApprover } from './approver.ts';
import { claimedId, claimingProduct, OnBehalfOf } from './claimed-person.ts';
import { ProductName } from './product.ts';

const accepts = (id: string, name = 'Ana') => OnBehalfOf.safeParse({ id, name }).success;

test('ids and names have visible characters alone', () => {
  for (const text of ['ana', 'a:b', 'person:ada', '<b>', 'Ána Lópeź', '名前', 'علی‌رضا', '👩‍💻', 'x'.repeat(200)])
    expect([text, accepts(text), accepts('ana', text)]).toEqual([text, true, true]);
  const hidden = [
    '',
    '  ',
    'a\u202eb',
    'a\u2066b',
    'a\u200bb',
    'a\u0000b',
    'a\nb',
    'a\u2028b',
    'a\ufeffb',
    '\ud800',
    'x'.repeat(201),
  ];
  for (const text of hidden) expect([text, accepts(text), accepts('ana', text)]).toEqual([text, false, false]);
});

test('no two pairs of a product and an id have the same identity', () => {
  expect(ProductName.safeParse('a:b').success).toBe(false);
  expect(claimingProduct(`claimed:${claimedId('a', 'b:c')}`)).toBe('a');
  expect(claimingProduct('person:claimed:a:b')).toBeUndefined();
  expect(claimingProduct('api_key:helpdesk:ana')).toBeUndefined();
});

test('an approver is stored with its product and label', () => {
  expect(toStoredApprover({ type: 'claimed', id: 'ben', name: 'Ben' }, 'helpdesk')).toEqual({
    type: 'claimed',
    id: 'helpdesk:ben',
    label: 'Ben, named by helpdesk',
  });
  expect(toStoredApprover({ type: 'claimed', id: 'ben', product: 'shop' }, 'helpdesk')).toMatchObject({
    id: 'shop:ben',
    label: 'ben, named by shop',
  });
  expect(() => toStoredApprover({ type: 'claimed', id: 'ben' })).toThrow('product');
});
