import { expect } from 'vitest';
import type { CreateRun, OriginalClient } from './client.ts';
import type { OriginalEvent } from './reference.ts';

type Options = { includeToolCalls?: boolean; asked?: (event: OriginalEvent) => Promise<void> };

/** Carries a run out. @returns its events and its final state */
export async function carryOut(client: OriginalClient, body: CreateRun, options: Options = {}) {
  const created = await client.createRun(body);
  const events = await follow(client, created.runId, options);
  return { created, events, run: await client.run(created.runId, { includeEvents: true, includeToolCalls: true }) };
}

/** The steps in events. */
export const steps = (events: readonly OriginalEvent[]) =>
  events.flatMap((event) => (event.name === 'step' ? [event.step] : []));

/** Follows a run to its end, and passes each open request to `asked` once the run waits. @returns all its events */
export async function follow(
  client: OriginalClient,
  runId: string,
  { includeToolCalls, asked: onAsked }: Options = {},
): Promise<OriginalEvent[]> {
  const events: OriginalEvent[] = [];
  for await (const event of client.follow(runId, { ...(includeToolCalls && { includeToolCalls }) })) {
    if (event.name === 'keepalive') continue;
    events.push(event);
    if (!onAsked || !asks(event)) continue;
    await expect.poll(async () => (await client.run(runId)).status).toMatch(/^(PAUSED|AUTH_REQUIRED)$/);
    await onAsked(event);
  }
  return events;
}

const asks = (event: OriginalEvent): boolean =>
  event.name === 'run_approval' ||
  (event.name === 'step' && event.step.approval === 'PENDING') ||
  (event.name === 'authentication' && event.auth.status === 'required');

/** The address of one of an event's links. */
export function linkOf(event: OriginalEvent, action: 'approve' | 'deny'): string {
  const links =
    event.name === 'run_approval' ? event.approvalActions : event.name === 'step' ? event.step.approvalActions : [];
  const link = links?.find((actionLink) => actionLink.action === action);
  if (!link) throw new Error(`The event ${event.name} has no link to ${action}.`);
  return link.url;
}
