import { expect, test } from 'vitest';
import { aTool } from '../testing/planning.ts';
import { selectTools } from './select-tools.ts';

const nouns = ['invoice', 'parcel', 'ticket', 'lease', 'recipe', 'ship', 'lecture', 'song', 'permit', 'vaccine'];
const verbs = ['list', 'get', 'create', 'delete', 'archive'];
const many = (integration: string, copies: number) =>
  Array.from({ length: copies }, (_, n) => n).flatMap((n) =>
    nouns.flatMap((noun) =>
      verbs.map((verb) =>
        aTool(`${integration}_1111222${n}.${verb}_${noun}s`, { title: `${verb} ${noun}s`, description: '' }),
      ),
    ),
  );
const names = (tools: readonly { operation: string }[]) => tools.map(({ operation }) => operation);

test('keeps a set that fits whole and in order', () => {
  const tools = many('a', 1);
  expect(selectTools(tools, 'anything', tools.length)).toEqual({ full: tools, rest: [] });
});

test('puts the tools of what the intent speaks of first, in singular and plural, and loses none', () => {
  const tools = many('a', 1);
  const { full, rest } = selectTools(tools, 'Archive the permit of the harbour office', 6);
  expect(names(full)).toEqual(expect.arrayContaining(['archive_permits', 'list_permits', 'get_permits']));
  expect([...full, ...rest]).toHaveLength(tools.length);
  expect(new Set([...full, ...rest]).size).toBe(tools.length);
});

test('describes the tools that the intent speaks of most, whatever integration they are of', () => {
  const songs = Array.from({ length: 30 }, (_, n) => aTool(`big_11112222.song${n}`, { title: 'play song' }));
  const others = many('tiny', 1).filter(({ operation }) => !operation.includes('song'));
  const { full } = selectTools([...others, ...songs], 'play the song', 20);
  expect(full.every((tool) => songs.includes(tool))).toBe(true);
  expect(full).toHaveLength(20);
});

test('keeps the tools that it must keep, even when nothing matches', () => {
  const tools = many('a', 1);
  const { full } = selectTools(tools, '', 3, new Set(['a_11112220.get_ships', 'gone_00000000.x']));
  expect(names(full)).toContain('get_ships');
  expect(full).toHaveLength(3);
});
