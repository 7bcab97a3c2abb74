// clients/python/errand.py, in the Python of this machine, against the service.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run, RunEvent } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { freePort } from '../fixtures/free-port.ts';
import { aFolder } from '../fixtures/program.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { userCaller } from '../fixtures/user-tokens.ts';
import { clientFolder, runPython, startPython } from './start-python.ts';

const approving = join(import.meta.dirname, 'approve.py');
const page = readFileSync(join(clientFolder, 'README.md'), 'utf8');
const snippets = [...page.matchAll(/(?:<!-- gives: (.+) -->\n)?```py\n([\s\S]*?)```/g)].map(([, gives, code = '']) => ({
  gives: gives === undefined ? undefined : new RegExp(gives, 's'),
  code,
}));

let stack: Stack;
let api: Api;
let hookPort: number;
beforeAll(async () => {
  hookPort = await freePort();
  stack = await startStack({ allow: [`http://127.0.0.1:${hookPort}`] });
  api = overRest(stack);
  return () => stack.close();
});

const logACall = () =>
  aRun({
    intent: 'Log a call with Contoso for tomorrow at 10:00',
    userId: 'ana',
    approvalStrategy: 'ON_WRITE',
  });
const envOf = ({ url, apiKey }: { url: string; apiKey: string }) => ({
  ERRAND_URL: url,
  ERRAND_API_KEY: apiKey,
  RUN: JSON.stringify(logACall()),
});
const linesOf = (output: string) =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const namesOf = (events: RunEvent[]) => events.map(({ seq, type }) => `${seq} ${type}`);

test('its own tests pass', async () => {
  expect(await runPython(['-m', 'unittest'], { cwd: clientFolder })).toMatch(/^Ran \d{2,} tests .*\n\nOK\n/ms);
});

test('a run is created, streamed over a kill of the service, approved and read', async () => {
  const program = startPython([approving], { env: envOf(stack), input: true });
  await program.printed(/"approvalId"/);

  await stack.restart();
  program.child.stdin!.end('go\n');
  const { code } = await program.ended;

  expect([code, program.errors()]).toEqual([0, '']);
  const printed = linesOf(program.output());
  const run: Run = printed.pop();
  const { events } = await api.runs.events({ runId: run.runId, after: 0 });
  expect(namesOf(printed)).toEqual(namesOf(events));
  expect(run).toMatchObject({ status: 'SUCCESS', userId: 'ana' });
});

test('a user token does the same for its user', async () => {
  const token = await userCaller(stack, {
    userId: 'ana',
    can: ['ask', 'watch', 'decide'],
    integrations: ['*'],
    run: { approvalStrategy: 'ON_WRITE' },
  });
  const { approvalStrategy: _, ...asked } = logACall();
  const program = startPython([approving], { env: { ...envOf(token), RUN: JSON.stringify(asked) }, input: true });
  await program.printed(/"approvalId"/);
  program.child.stdin!.end('go\n');
  const { code } = await program.ended;
  expect([code, program.errors()]).toEqual([0, '']);
  expect(linesOf(program.output()).at(-1)).toMatchObject({ status: 'SUCCESS', userId: 'ana' });
});

test('a wrong key ends the program with one line that says so, without the key', async () => {
  const apiKey = `er_live_${'x'.repeat(32)}`;
  const program = startPython([approving], { env: envOf({ ...stack, apiKey }) });
  const { code } = await program.ended;
  expect([code, program.output()]).toEqual([1, program.errors()]);
  expect(program.errors().trim().split('\n')).toHaveLength(1);
  expect(program.errors()).not.toContain(apiKey);
});

test('the README shows programs that work', async () => {
  const folder = aFolder();
  symlinkSync(stack.dataDir, join(folder, '.errand'));
  const programs = snippets.filter(({ gives }) => gives);
  expect(programs).toHaveLength(3);
  const mark = '=== next block ===';
  writeFileSync(join(folder, 'try.py'), programs.map(({ code }) => code).join(`\nprint('${mark}')\n`));
  const parts = (await runPython(['try.py'], { cwd: folder })).split(`${mark}\n`);
  for (const [i, { gives, code }] of programs.entries()) expect(parts[i], code).toMatch(gives!);
});

test('the receiver of the README verifies the webhooks of the service, and refuses others', async () => {
  const url = `http://127.0.0.1:${hookPort}/`;
  const { secret } = await api.webhooks.create({ url, events: ['run.end'] });
  const receiver = snippets.find(({ code }) => code.includes('verify_webhook'))!.code;
  const program = startPython(['-c', receiver], {
    env: { PORT: String(hookPort), ERRAND_WEBHOOK_SECRET: secret },
  });
  const { runId } = await api.runs.create(aRun({ intent: 'List the open tickets' }));
  await program.printed(new RegExp(`^\\S+ run\\.end\\n${runId} SUCCESS$`, 'm'));

  const forged = await fetch(url, { method: 'POST', body: '{"type":"run.end"}' });

  expect([forged.status, await forged.text()]).toEqual([400, expect.stringContaining('webhook-signature')]);
});

test('its types have the fields of the OpenAPI document', async () => {
  const names = ['CreateRun', 'Run', 'RunEvent', 'PendingEntry', 'Approval', 'Answered', 'WebhookBody', 'Problem'];
  const script = `import errand, json
print(json.dumps({n: [sorted(getattr(errand, n).__annotations__), sorted(getattr(errand, n).__required_keys__)]
                  for n in ${JSON.stringify(names)}}))`;
  const types: Record<string, [string[], string[]]> = JSON.parse(await runPython(['-c', script]));
  const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
  const { schemas } = document.components;
  const all = (name: string): Schema[] =>
    (schemas[name].oneOf ?? [schemas[name]]).map((schema: { $ref?: string }) =>
      schema.$ref ? schemas[schema.$ref.split('/').at(-1)!] : schema,
    );
  const create = document.paths['/v1/runs'].post.requestBody.content['application/json'].schema;
  const sources: Record<string, Schema[]> = {
    CreateRun: [create],
    Run: [schemas.Run, schemas.CreatedRunHandle, schemas.RunHandle],
    RunEvent: all('RunEvent'),
    PendingEntry: [schemas.PendingEntry],
    Approval: [schemas.Approval],
    Answered: [schemas.AnsweredQuestion, schemas.AnsweredInput],
    WebhookBody: [schemas.RunEndWebhook],
    Problem: [schemas.Problem],
  };
  for (const name of names) {
    const [fields, required] = types[name]!;
    const known = new Set(sources[name]!.flatMap(({ properties }) => Object.keys(properties)));
    expect([name, fields.filter((field) => !known.has(field))]).toEqual([name, []]);
    const always = sources[name]!.map((schema) => new Set(schema.required));
    expect([name, required.filter((field) => !always.every((set) => set.has(field)))]).toEqual([name, []]);
  }
  expect(types.CreateRun![0]).toEqual(Object.keys(create.properties).sort());
});

type Schema = { properties: Record<string, unknown>; required: string[] };
