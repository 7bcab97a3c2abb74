// What people read of a run: names as they know them, no expression, id or error of a library.
import type { ToolSource, ToolSpec } from '@errand/contracts';
import type { Log } from '@errand/ports/log';
import type { Planner } from '@errand/ports/planner';
import type { Toolbox } from '@errand/ports/toolbox';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aKey } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { type Behaviour, startService } from '../testing/service.ts';

const titles: Record<string, string> = {
  look: 'List tickets',
  find: 'Get a ticket',
  make: 'Close a ticket',
};
const named = (tool: ToolSpec): ToolSpec => ({
  ...tool,
  integrationName: 'Helpdesk',
  ...(titles[tool.operation] !== undefined && { title: titles[tool.operation] }),
});

/** What a planner that throws, and an answer that cannot be kept, must not tell anybody. */
const RAW = "Cannot read properties of undefined (reading 'secret')";

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let toolbox: Toolbox;
let engine: Engine;
const logged: object[] = [];
const log: Log = {
  debug() {},
  info: (fields) => void logged.push(fields),
  warn: (fields) => void logged.push(fields),
  error: (fields) => void logged.push(fields),
};

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  toolbox = {
    ...service.toolbox,
    catalog: async (...args) => {
      const catalog = await service.toolbox.catalog(...args);
      return { ...catalog, named: async (names) => (await catalog.named(names)).map(named) };
    },
  };
  engine = await engines.engine(toolbox, { log, workers: { watchMs: 50 }, callPolicy: { backoffMs: 1 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
afterEach(() => {
  service.seen.length = 0;
  logged.length = 0;
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

/** Everything that people read of a run. */
function textsOf({ events, run }: Pick<Awaited<ReturnType<typeof finish>>, 'events' | 'run'>): string[] {
  const steps = events.flatMap((event) =>
    event.type === 'step' ? [event.step.reason ?? '', event.step.text ?? ''] : [],
  );
  const states = events.flatMap((event) => (event.type === 'status' ? [event.reason ?? ''] : []));
  return [...steps, ...states, ...(run.error ? [run.error.message] : [])];
}
const stepText = ({ events }: Awaited<ReturnType<typeof finish>>, stepId: string): string | undefined =>
  events.flatMap((event) => (event.type === 'step' && event.step.stepId === stepId ? [event.step.text] : [])).at(-1);

const wellFormed = (texts: readonly string[]) => {
  for (const text of texts) {
    expect(text).not.toMatch(/`|steps\.|\$|[a-z]+_[0-9a-f]{8}|\/args|undefined|TypeError|Cannot read|[0-9a-f]{32}/);
  }
};

describe('a step that is done', () => {
  const answering = (answer: Behaviour) => ({ answer });
  test.each<[what: string, operation: string, behaviour: { answer: Behaviour }, text: string]>([
    ['a write', 'make', answering(() => ({ id: 't1', state: 'closed', tags: [] })), 'Done: Helpdesk confirmed it.'],
    ['a write without an answer', 'make', answering(() => null), 'Done: Helpdesk confirmed it.'],
    ['a write that answers with a list', 'make', answering(() => []), 'Done: Helpdesk confirmed it.'],
    ['a list', 'look', answering(() => [1, 2, 3, 4]), 'Helpdesk answered with 4 tickets.'],
    [
      'a list of one',
      'look',
      answering(() => ({ items: [{ id: 1 }], next: null })),
      'Helpdesk answered with 1 ticket.',
    ],
    ['an empty list', 'look', answering(() => ({ data: [], total: 0 })), 'Helpdesk answered with no tickets.'],
    ['a record that holds a list', 'look', answering(() => ({ id: 't1', tags: ['a'] })), 'Helpdesk answered.'],
    ['a record without an id', 'look', answering(() => ({ subject: 'Window', tags: [] })), 'Helpdesk answered.'],
    ['two lists', 'look', answering(() => ({ open: [1], closed: [] })), 'Helpdesk answered.'],
    ['a number', 'look', answering(() => 42), 'Helpdesk answered with 42.'],
    ['a text', 'look', answering(() => 'All is well'), 'Helpdesk answered with a text.'],
    ['nothing', 'look', answering(() => null), 'Helpdesk answered with nothing.'],
  ])('%s is told as what it is', async (_, operation, { answer }, text) => {
    service.behaviours[operation] = answer;
    const done = await finish(engine, aRun({ plan: aPlan([['a', operation]]) }));
    expect([done.run.status, stepText(done, 'a')]).toEqual(['SUCCESS', text]);
    wellFormed(textsOf(done));
  });

  test.each<[string, number, string]>([
    ['make', 0, 'Nothing to do: the list is empty.'],
    ['make', 1, 'Done: Helpdesk confirmed it.'],
    ['make', 3, 'Done 3 times: Helpdesk confirmed each.'],
    ['look', 3, 'Helpdesk answered 3 times.'],
  ])('%s for each of %i items', async (operation, n, text) => {
    const forEach = { $: n === 0 ? '[]' : `[1..${n}]` };
    const done = await finish(engine, aRun({ plan: aPlan([['a', operation, { n: { $: 'item' } }, { forEach }]]) }));
    expect(stepText(done, 'a')).toBe(text);
  });
});

describe('a step that is not done', () => {
  test('names the operation and the service that refused', async () => {
    service.behaviours.find = (_, __, response) => void response.writeHead(409).end();
    const plan = aPlan([
      ['a', 'find'],
      ['b', 'make', {}, { dependsOn: ['a'] }],
    ]);
    const failed = await finish(engine, aRun({ plan }));
    expect(failed.run.error?.message).toMatch(/^"Get a ticket" at Helpdesk failed: /);
    expect(stepText(failed, 'b')).toBe('Not run: it needs "Get a ticket" at Helpdesk, which failed.');
    wellFormed(textsOf(failed));
  });

  test('says in words what was not found; errors say where', async () => {
    service.behaviours.look = () => ({ items: [{ id: 't1', subject: 'Lift stuck' }] });
    const id = { $: "steps.a.output.items[subject='Broken window'].id" };
    const plan = aPlan([
      ['a', 'look'],
      ['b', 'make', { id }],
    ]);
    const none = await finish(engine, aRun({ intent: 'Close the ticket Broken window', plan }));
    expect(none.run).toMatchObject({
      status: 'NO_SUCCESS',
      error: {
        code: 'nothing_found',
        message: '"Close a ticket" at Helpdesk was not done: "List tickets" at Helpdesk gave no "Broken window".',
        errors: [{ pointer: '/steps/1/args/id', message: `\`${id.$}\` gives no value.` }],
      },
    });
    wellFormed(textsOf(none));
  });

  test.each<[string, object, object, string]>([
    ['an argument', { id: { $: '1 + steps.a.output.name' } }, {}, 'its argument "id" could not be computed'],
    ['a condition', {}, { when: { $: '$sum(steps.a.output.name) > 1' } }, 'its condition could not be computed'],
    ['a list', {}, { forEach: { $: '$number(steps.a.output.name)' } }, 'its list could not be computed'],
  ])(
    'says which step and what went wrong when %s cannot be computed; the raw error goes to the log',
    async (...row) => {
      const [, args, more, words] = row;
      service.behaviours.look = () => ({ name: 'x-ray' });
      const plan = aPlan([
        ['a', 'look'],
        ['b', 'make', args as Record<string, unknown>, more],
      ]);
      const failed = await finish(engine, aRun({ plan }));
      const { error } = failed.run;
      expect(error?.code).toBe('expression_failed');
      expect(error?.message).toMatch(/^The step "Close a ticket" at Helpdesk could not be prepared: /);
      expect(error?.message).toContain(words);
      expect(error?.errors?.[0]?.pointer).toMatch(/^\/steps\/1\/(args\/id|when|forEach)$/);
      wellFormed(textsOf(failed));
      expect(JSON.stringify(logged)).toContain('"stepId":"b"');
      expect(JSON.stringify(failed.run)).not.toMatch(/non-numeric|operator must|Unable to cast|Argument 1 of function/);
    },
  );

  test('an error of the planner becomes a sentence', async () => {
    const planner: Planner<ToolSource> = { plan: () => Promise.reject(new TypeError(RAW)) };
    const freshEngines = await startEngines(inject('postgres'));
    const failed = await finish(await freshEngines.engine(toolbox, { planner, log }), aRun());
    expect(failed.run.error).toMatchObject({
      code: 'plan_failed',
      message: 'Planning failed because of an internal error. Create the run again.',
    });
    expect(logged).toContainEqual(expect.objectContaining({ err: expect.objectContaining({ message: RAW }) }));
    await freshEngines.close();
  });
});

describe('a decision request', () => {
  test('names the operation and the integration, and so do its answers', async () => {
    const plan = aPlan([['a', 'make', { id: 't1' }, { reason: 'The window is mended' }]]);
    const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
    expect(run.waitingOn[0]?.text).toBe('Close the ticket t1 at Helpdesk?');
    const { approvalId } = run.waitingOn[0]!;
    await engine.decideApproval(
      run.workspaceId,
      { approvalId: approvalId!, decision: 'deny', reason: 'Not yet' },
      aKey('Ann'),
    );
    const events = await follow(engine, run.workspaceId, run.runId);
    const texts = events.flatMap((event) => (event.type === 'step' ? [event.step.text] : []));
    expect(texts).toEqual([
      'Waits for approval: Close the ticket t1 at Helpdesk.',
      '"Close a ticket" at Helpdesk was denied by Ann: Not yet.',
    ]);
  });

  test('about an effect that is not known names them, too', async () => {
    service.behaviours.make = (_, __, response) => void response.destroy();
    const run = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'make']]) }));
    expect(run.waitingOn[0]?.text).toMatch(
      /^"Close a ticket" at Helpdesk was called, and whether it took effect is not known/,
    );
    await engine.cancel(run.workspaceId, run.runId);
  });
});

describe('an error says whether the errand may be repeated', () => {
  const writeThen = (operation: string) =>
    aPlan([
      ['a', 'make'],
      ['b', operation, {}, { dependsOn: ['a'] }],
    ]);
  const lost: Behaviour = (_, __, response) => void response.destroy();
  const broken = (operation: string): Toolbox => ({
    ...toolbox,
    call: (request) =>
      request.tool.operation === operation ? Promise.reject(new TypeError(RAW)) : toolbox.call(request),
  });
  const endWith = async (plan: ReturnType<typeof aPlan>, toolboxOverride: Toolbox = toolbox) => {
    const freshEngines = await startEngines(inject('postgres'));
    const { run } = await finish(
      await freshEngines.engine(toolboxOverride, { log, callPolicy: { backoffMs: 1 } }),
      aRun({ plan }),
    );
    await freshEngines.close();
    expect(JSON.stringify(run)).not.toContain(RAW);
    return [run.status, run.error?.code, run.error?.retryable];
  };

  test('yes, when a read found nothing and nothing was done', async () => {
    service.behaviours.look = lost;
    expect(await endWith(aPlan([['a', 'look']]))).toEqual(['FAILED', 'upstream_unreachable', true]);
    expect(await endWith(aPlan([['a', 'look']]), broken('look'))).toEqual(['FAILED', 'internal', true]);
  });

  test('no, when a write was done before', async () => {
    service.behaviours.look = lost;
    expect(await endWith(writeThen('look'))).toEqual(['PARTIAL_SUCCESS', 'upstream_unreachable', false]);
    expect(await endWith(writeThen('look'), broken('look'))).toEqual(['PARTIAL_SUCCESS', 'internal', false]);
  });

  test('no, when a write was about to be made and something of ours broke', async () => {
    expect(await endWith(aPlan([['a', 'make']]), broken('make'))).toEqual(['FAILED', 'internal', false]);
  });
});
