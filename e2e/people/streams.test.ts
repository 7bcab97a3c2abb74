// The streams of a person in the console: each delivers, and ends when the session, the role, the membership or the workspace does.
import { system } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { withDatabase } from '../fixtures/database.ts';
import { type Office, payments, startOffice, startWaiting } from '../fixtures/office.ts';
import { within } from '../fixtures/receiver.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { anotherWorkspace } from '../fixtures/workspace.ts';
import { aMember, disable, endMembership, type Member, setRole, sql } from './members.ts';

type WorkspaceOfTest = { api: Api; workspaceId: string; waiting: { runId: string; approvalId: string } };

let office: Office<Stack>;
let first: WorkspaceOfTest;
let second: WorkspaceOfTest;

beforeAll(async () => {
  office = await startOffice();
  const api = overRest(office.stack);
  const [row] = await sql<{ id: string }>(office.stack, 'SELECT workspace_id AS id FROM workspace');
  first = { api, workspaceId: row!.id, waiting: await waitingAt(api, office.id) };
  const { workspaceId, ...caller } = await anotherWorkspace(office.stack);
  const { document } = office.stub;
  const auth = { type: 'NONE' } as const;
  const { customerIntegrationId } = await overRest(caller).integrations.create({
    name: 'Office',
    kind: 'openapi',
    document,
    auth,
  });
  second = { api: overRest(caller), workspaceId, waiting: await waitingAt(overRest(caller), customerIntegrationId) };
  return () => office.close();
});

async function waitingAt(api: Api, id: string) {
  const { runId, waitingOn } = await startWaiting(api, payments({ ...office, id }, [5]));
  return { runId, approvalId: waitingOn[0]!.approvalId! };
}

type Stream = { text: () => string; ended: Promise<void>; isOpen: () => boolean; cut: () => void };

async function open(member: Member, name: string, input: object): Promise<Stream> {
  const stop = new AbortController();
  const url = `${office.stack.url}/console/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`;
  const headers = { ...member.headers, accept: 'text/event-stream' };
  const { body } = await fetch(url, { headers, signal: stop.signal });
  let text = '';
  let isOpen = true;
  const read = async () => {
    try {
      for await (const chunk of body!.pipeThrough(new TextDecoderStream())) text += chunk;
    } catch {
      // The connection was closed, by either side.
    }
    isOpen = false;
  };
  return { ended: read(), text: () => text, isOpen: () => isOpen, cut: () => stop.abort() };
}

/** The streams of a person, after each has delivered. */
async function streamsOf(member: Member, { runId, approvalId }: WorkspaceOfTest['waiting']) {
  const streams = {
    'runs.stream': await open(member, 'runs.stream', { runId }),
    'runs.watch': await open(member, 'runs.watch', {}),
    'pending.watch': await open(member, 'pending.watch', {}),
  };
  const sought = { 'runs.stream': '"type":"step"', 'runs.watch': '"type":"snapshot"', 'pending.watch': approvalId };
  for (const [name, stream] of Object.entries(streams))
    await expect.poll(stream.text, within).toContain(sought[name as keyof typeof sought]);
  return streams;
}

const suspend = (workspaceId: string) =>
  withDatabase(office.stack, ({ instanceWorkspaces }) => instanceWorkspaces.setSuspended(workspaceId, true, system));

const onSession = (change: string) => (member: Member) =>
  sql(office.stack, `UPDATE console_session SET ${change} WHERE person_id = $1`, [member.personId]);

const ends: [title: string, end: (member: Member) => Promise<unknown>, code: string][] = [
  ['the session ends', (member) => member.ask('session.end'), 'unauthenticated'],
  [
    'the session has had no request for 12 hours',
    onSession(`seen_at = now() - interval '13 hours'`),
    'unauthenticated',
  ],
  ['the session is a week old', onSession('ends_at = now()'), 'unauthenticated'],
  ['the membership is removed', (member) => endMembership(office.stack, member), 'unauthenticated'],
  ['the person is disabled', (member) => disable(office.stack, member), 'unauthenticated'],
  ['the workspace is suspended', ({ workspaceId }) => suspend(workspaceId), 'unauthenticated'],
  ['the role is lowered', (member) => setRole(office.stack, member, 'viewer'), 'insufficient_scope'],
];

test('each stream delivers to a session and ends with the right to it; the streams of other people stay', async () => {
  const viewer = await streamsOf(await aMember(office.stack, 'A viewer', 'viewer'), first.waiting);
  const decider = await streamsOf(await aMember(office.stack, 'A decider', 'decider'), first.waiting);
  const ending = [];
  for (const [title, end, code] of ends) {
    const { workspaceId, waiting } = title.includes('workspace') ? second : first;
    const member = await aMember(office.stack, title, 'decider', workspaceId);
    ending.push({ title, end, code, member, streams: await streamsOf(member, waiting) });
  }

  for (const { end, member } of ending) await end(member);

  for (const { title, code, streams } of ending) {
    const { 'runs.watch': list, ...narrow } = streams;
    // A viewer may watch runs.
    const cut = code === 'unauthenticated' ? [...Object.values(narrow), list] : Object.values(narrow);
    await Promise.all(cut.map(({ ended }) => ended));
    for (const { text } of cut) expect(text(), title).toContain(`"code":"${code}"`);
    if (code !== 'unauthenticated') expect(list.isOpen()).toBe(true);
    list.cut();
  }
  const { runId, waitingOn } = await startWaiting(first.api, payments(office, [7]));
  for (const streams of [viewer, decider]) {
    await expect.poll(streams['runs.watch'].text, within).toContain(runId);
    await expect.poll(streams['pending.watch'].text, within).toContain(waitingOn[0]!.approvalId!);
    expect(streams['runs.stream'].isOpen()).toBe(true);
    for (const { cut } of Object.values(streams)) cut();
  }
});
