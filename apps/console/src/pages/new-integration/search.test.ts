import { expect, test } from 'vitest';
import { currentStep, searchOf } from './search.ts';

test('an address without what a step needs leads to the first step', () => {
  expect(currentStep({ step: 'access' }, false)).toBe('source');
  expect(currentStep({ step: 'access' }, true)).toBe('access');
  expect(currentStep({ step: 'tools' }, true)).toBe('source');
});

test('a registered integration leads to its tools', () => {
  expect(currentStep({ id: 'crm_1', step: 'found' }, true)).toBe('tools');
  expect(currentStep({ id: 'crm_1', step: 'done' }, false)).toBe('done');
});

test('other values of an address are dropped', () => {
  expect(searchOf({ step: 'all', from: 'ftp', q: '', id: 7 })).toEqual({});
  expect(searchOf({ step: 'found', from: 'mcp', q: 'x'.repeat(300), id: 'crm_1' })).toEqual({
    step: 'found',
    from: 'mcp',
    q: 'x'.repeat(200),
    id: 'crm_1',
  });
});
