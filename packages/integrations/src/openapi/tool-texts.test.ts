import type { DescribedTool } from '@errand/contracts';
import { aTool } from '@errand/planner/testing';
import { expect, test } from 'vitest';
import { toolTexts } from './tool-texts.ts';

const read = (texts: readonly Uint8Array[]) =>
  texts.map((text) => JSON.parse(new TextDecoder().decode(text)) as DescribedTool[]);

test('tools are handed on in pieces, without what follows from their integration', () => {
  const tools = Array.from({ length: 10 }, (_, i) => aTool(`a_11112222.t${i}`, { description: 'x'.repeat(100_000) }));
  const pieces = read(toolTexts(tools));
  expect(pieces.map(({ length }) => length)).toEqual([3, 3, 3, 1]);
  expect(pieces.flat().map(({ operation }) => operation)).toEqual(tools.map(({ operation }) => operation));
  expect(pieces[0]![0]).not.toHaveProperty('name');
});

test('what Postgres cannot keep is taken out of texts and names', () => {
  const inputSchema = { enum: ['a\0b', '\ud800', 'fine \\u0000'], properties: { 'n\0': { type: 'string' } } };
  const [[tool]] = read(toolTexts([aTool('a_11112222.t', { inputSchema })])) as [[DescribedTool]];
  expect(tool.inputSchema).toEqual({ enum: ['ab', '\ufffd', 'fine \\u0000'], properties: { n: { type: 'string' } } });
});

test('tools that are too large together are refused', () => {
  const large = aTool('a_11112222.t', { description: 'x'.repeat(2_000_000) });
  expect(() => toolTexts(Array.from({ length: 30 }, () => large))).toThrow('more than 48 MiB');
});
