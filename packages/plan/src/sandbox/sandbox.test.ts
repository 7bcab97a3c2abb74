import { afterAll, expect, test } from 'vitest';
import { JsonText } from '../template/json-text.ts';
import { createSandbox } from './sandbox.ts';

const sandbox = createSandbox({ children: 2 });
afterAll(() => sandbox.close());

const scope = {
  intent: 'Find deals',
  now: '2026-01-31T09:30:00.000Z',
  steps: {
    deals: {
      output: {
        items: [
          { id: 1, owner: 'ann' },
          { id: 2, owner: 'bob' },
        ],
      },
    },
  },
};
const outcomeOf = async (expression: string) => (await sandbox.evaluate([expression], scope))[0]!;

test.each([
  ['steps.deals.output.items[0].id', 1],
  ['steps.deals.output.items.id', [1, 2]],
  ['$sum(steps.deals.output.items.id)', 3],
  ['steps.deals.output.items[owner="bob"].id', 2],
  ['{"first": steps.deals.output.items[0]}', { first: { id: 1, owner: 'ann' } }],
  ['$replace(intent, /\\s+(\\w+)/, "-$1")', 'Find-deals'],
  ['$split("a1b22c", /[0-9]+/)', ['a', 'b', 'c']],
  ['$match("ab12", /[a-z]([0-9])/).groups', ['1']],
  ['{"constructor": 1}', { constructor: 1 }],
  ['$map([1,2], function($n){ $n * 2 })', [2, 4]],
])('%s is evaluated', async (expression, value) => {
  expect(await outcomeOf(expression)).toEqual({ ok: true, value, missing: false });
});

test('an expression that gives nothing is null and reported as missing, unlike null', async () => {
  expect(await outcomeOf('$lookup(steps, "x")')).toEqual({ ok: true, value: null, missing: true });
  expect(await outcomeOf('intent.x')).toEqual({ ok: true, value: null, missing: true });
  expect(await outcomeOf('(null)')).toEqual({ ok: true, value: null, missing: false });
});

test('the clock of an expression is the moment of the run', async () => {
  expect(await outcomeOf('$now()')).toMatchObject({ value: '2026-01-31T09:30:00.000Z' });
  expect(await outcomeOf('$millis()')).toMatchObject({ value: Date.parse('2026-01-31T09:30:00.000Z') });
});

test.each([
  ['steps.(', 'before end of expression'],
  ['$uppercase(1)', 'does not match function signature'],
  ['$eval("intent")', '$eval is not available'],
  ['$random()', '$random is not available'],
  ['($f := $eval; $f("1"))', '$eval is not available'],
  ['$contains(intent, /(?=F)/)', 'Look-around and back-references are refused'],
  ['function($x){$x}', 'gives a function'],
  ['{"a": {"f": $sum}}', 'gives a function'],
  ['$error("no")', 'no'],
])('%s is refused with a reason', async (expression, reason) => {
  expect(await outcomeOf(expression)).toMatchObject({ ok: false, message: expect.stringContaining(reason) });
});

test('one bad expression of a batch does not spoil the others', async () => {
  const outcomes = await sandbox.evaluate(['1 + 1', '1 + "a"', 'intent'], scope);
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : 'fault'))).toEqual([2, 'fault', 'Find deals']);
});

test('prototypes can neither be read nor changed, also not for the next job', async () => {
  for (const expression of [
    'intent.constructor',
    'steps.__proto__',
    '$lookup(steps, "__proto__")',
    '$$.constructor.prototype',
  ]) {
    expect(await outcomeOf(expression)).toMatchObject({ missing: true });
  }
  await outcomeOf('steps ~> |$|{"__proto__": {"leak": 1}}|');
  await outcomeOf('$merge([{"__proto__": {"leak": 1}}, {"constructor": {"prototype": {"leak": 1}}}])');
  const all = await Promise.all(Array.from({ length: 8 }, () => outcomeOf('[{}.leak, "".leak, [].leak]')));
  for (const outcome of all) expect(outcome).toMatchObject({ value: [] });
  const read = JSON.parse('{"steps": {"__proto__": {"leak": 1}}}') as Record<string, unknown>;
  const [outcome] = await sandbox.evaluate(['$merge([steps, {"a": 1}])'], read);
  expect(JSON.stringify(outcome)).toBe('{"ok":true,"value":{"a":1},"missing":false}');
});

test('an expression sees neither the environment nor the globals of its process', async () => {
  const [outcome] = await sandbox.evaluate(['[$exists(process), $exists(env), $exists(globalThis)]'], scope);
  expect(outcome).toMatchObject({ value: [false, false, false] });
});

test('marks that one expression leaves on a list do not reach the next one', async () => {
  const once = { now: scope.now, items: [{ id: 1 }] };
  const outcomes = await sandbox.evaluate(['items[].id', '(items).id'], once);
  expect(outcomes).toMatchObject([{ value: [1] }, { value: 1 }]);
});

test('bindings are replaced and the arguments validated in one go', async () => {
  const schema = {
    type: 'object',
    properties: { query: { type: 'object', properties: { id: { type: 'integer' }, of: { type: 'array' } } } },
  };
  const args = { query: { id: { $: 'steps.deals.output.items[1].id' }, of: { $: 'steps.deals.output.items.owner' } } };
  expect(await sandbox.bind({ args, scope, schema })).toEqual({
    ok: true,
    args: { query: { id: 2, of: ['ann', 'bob'] } },
    missing: [],
    verdict: { ok: true },
  });
  const wrong = await sandbox.bind({ args: { query: { id: 'x', nme: 1 } }, scope, schema });
  expect(wrong).toMatchObject({ verdict: { ok: false } });
  const unknown = await sandbox.bind({ args: { query: { nme: 1 } }, scope, schema });
  expect(unknown).toMatchObject({
    verdict: { errors: [{ pointer: '/query/nme', message: expect.stringContaining('allowed: id, of') }] },
  });
});

test('a value that a binding gave is never read as a binding again', async () => {
  const trap = { now: scope.now, steps: { a: { output: { text: { $: '1 + 1' } } } } };
  const plain = await sandbox.bind({ args: { body: { $: 'steps.a.output.text' } }, scope: trap });
  const hop = await sandbox.bind({ args: { body: { $: '$merge([steps.a.output.text])' } }, scope: trap });
  for (const bound of [plain, hop]) expect(bound).toMatchObject({ args: { body: { $: '1 + 1' } } });
});

test('an analysis lists roots, steps and unknown names', async () => {
  const cases = {
    'steps.a.output.items[id = other].name': { roots: ['steps'], steps: [{ id: 'a', member: 'output' }] },
    '$map(steps.b.output, function($i){ $i.x & intent & foo })': {
      roots: ['steps', 'intent', 'foo'],
      steps: [{ id: 'b' }],
    },
    '$$.steps.c.output': { roots: ['steps'], steps: [{ id: 'c' }], readsAll: false },
    '$keys(steps)': { readsAll: true, steps: [] },
    $$: { readsAll: true },
    '*': { readsAll: true },
    'steps.a.output^(>price).{"k": name}': { roots: ['steps'], readsAll: false },
    'steps.a.output.items@$o.more[x = $o.x]': { steps: [{ id: 'a' }], roots: ['steps'], undefinedNames: [] },
    'steps@$s.intent': { roots: ['steps', 'intent'], steps: [], readsAll: true },
    '($x := steps.a.output; $x.items & $nope)': { roots: ['steps'], undefinedNames: ['nope'] },
    'steps.a.output ~> $count': { roots: ['steps'], undefinedNames: [] },
    'steps.a.output.items{category: $sum(price)}': { roots: ['steps'], steps: [{ id: 'a' }] },
    'intent ? input.a : context': { roots: ['intent', 'input', 'context'] },
  };
  const analyses = await sandbox.analyse(Object.keys(cases));
  Object.values(cases).forEach((expected, index) => {
    expect(analyses[index]).toMatchObject({ ok: true, ...expected });
  });
  const [broken, whole] = await sandbox.analyse(['a.(', 'intent']);
  expect(broken).toMatchObject({ ok: false, message: expect.stringContaining('before end of expression') });
  expect(whole).toMatchObject({ ok: true });
});

test('a closed sandbox says so', async () => {
  const closed = createSandbox();
  await closed.close();
  await expect(closed.evaluate(['$sum([1, 1])'], {})).rejects.toThrow('closed');
});

test('the service parses at most 256 KiB of texts for a step, each text once; a child parses the rest', async () => {
  const output = () => new JsonText(JSON.stringify({ id: 7, text: 'x'.repeat(100_000) }));
  const long = { steps: { a: { output: output() }, b: { output: output() }, c: { output: output() } } };
  const id = { ok: true, value: 7, missing: false };
  expect(sandbox.evaluate(['steps.a.output.id', 'steps.b.output.id', 'steps.a.output.id'], long)).toEqual([id, id, id]);
  const partlyInChild = sandbox.evaluate(['steps.a.output.id', 'steps.b.output.id', 'steps.c.output.id'], long);
  expect(partlyInChild).toBeInstanceOf(Promise);
  expect(await partlyInChild).toEqual([id, id, id]);
});
