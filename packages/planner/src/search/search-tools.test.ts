import { expect, it } from 'vitest';
import { aTool } from '../testing/planning.ts';
import { joinTools, searchTools } from './search-tools.ts';

const byId = (name: string) => ({
  type: 'object',
  properties: { path: { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] } },
  required: ['path'],
});

const library = [
  aTool('library_11112222.listBooks', { title: 'List books', path: '/books' }),
  aTool('library_11112222.getLoansOfMember', {
    title: 'Get the loans of a member',
    path: '/members/{memberId}/loans',
    inputSchema: byId('memberId'),
  }),
  aTool('library_11112222.returnLoan', {
    title: 'Return a loan',
    path: '/loans/{id}/return',
    inputSchema: byId('id'),
    effect: 'write',
  }),
  aTool('library_11112222.findMembers', { title: 'Find members', path: '/members' }),
  aTool('library_11112222.openingHours', {
    title: 'Get opening hours',
    outputSchema: { type: 'array', items: { type: 'object', properties: { weekday: { type: 'string' } } } },
  }),
];
const kitchen = [
  aTool('kitchen_33334444.listRecipes', {
    title: 'List recipes',
    integrationName: 'Supper Club',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'object', properties: { vegan: { type: 'boolean' } } } },
    },
  }),
  aTool('kitchen_33334444.listBooks', { title: 'List cook books', integrationName: 'Supper Club' }),
];

const namesFound = (tools: Parameters<typeof searchTools>[0], text: string, limit = 3) =>
  searchTools(tools, text, limit).map(({ tool }) => tool.operation);

it('finds tools by words of their names, titles and paths, in singular and plural', () => {
  expect(namesFound(library, 'Which book is there?')[0]).toBe('listBooks');
  expect(namesFound(library, 'Show me the opening hour')).toEqual(['openingHours']);
});

it('finds nothing for words that say nothing', () => {
  expect(namesFound(library, 'show me what there is')).toEqual([]);
  expect(namesFound([], 'books')).toEqual([]);
});

it('finds a tool by its arguments and output', () => {
  expect(namesFound(kitchen, 'vegan')).toEqual(['listRecipes']);
  expect(namesFound(library, 'On which weekday?')).toEqual(['openingHours']);
});

it('finds a tool by an output behind a reference', () => {
  const outputSchema = {
    type: 'array',
    items: { $ref: '#/$defs/Member' },
    $defs: { Member: { type: 'object', properties: { birthday: { type: 'string' } } } },
  };
  expect(namesFound([...library, aTool('library_11112222.staff', { outputSchema })], 'birthday')).toEqual(['staff']);
});

it('finds the tool that returns the id needed by another result', () => {
  expect(namesFound(library, 'loans')).toContain('findMembers');
  expect(namesFound(library, 'loans')[0]).not.toBe('findMembers');
});

it('searches joined lists as though they were one', () => {
  const joined = joinTools([library, kitchen]);
  const flat = [...library, ...kitchen];
  for (const text of ['books', 'supper recipes', 'the loans of a member', 'hours'])
    expect(searchTools(joined, text, 5)).toEqual(searchTools(flat, text, 5));
  expect(namesFound(joined, 'books of the supper club')[0]).toBe('listBooks');
  expect(searchTools(joined, 'books of the supper club', 1)[0]!.tool.customerIntegrationId).toBe('kitchen_33334444');
});

it('counts only tools that fit, best first', () => {
  const hits = searchTools(library, 'loan of a member', 5, ({ effect }) => effect === 'write');
  expect(hits.map(({ tool }) => tool.operation)).toEqual(['returnLoan']);
  const scores = searchTools(library, 'loan of a member', 5).map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
});

it('takes names that every object has for words', () => {
  const odd = [aTool('odd_11112222.constructor', { title: 'Constructor toString __proto__' })];
  expect(namesFound(odd, 'toString of __proto__')).toEqual(['constructor']);
  expect(namesFound(odd, 'valueOf hasOwnProperty')).toEqual([]);
});
