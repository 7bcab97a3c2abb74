// A client of the original that answers a run as soon as an event says that it waits.
import type { CreateRun, OriginalClient } from './client.ts';
import { linkOf } from './follow.ts';
import type { OriginalEvent, Status } from './reference.ts';
import { salesSummary, type World } from './world.ts';

type Asking = Extract<Status, 'PAUSED' | 'AUTH_REQUIRED'>;

/** Answers at the first event with this status. @returns the names of such events, and the last status */
export async function answer(
  client: OriginalClient,
  body: CreateRun,
  on: Asking,
  how: (event: OriginalEvent) => Promise<unknown>,
) {
  const { runId } = await client.createRun(body);
  const eventNames: string[] = [];
  let answers: Promise<unknown> = Promise.resolve();
  for await (const event of client.follow(runId)) {
    if (event.name === 'keepalive' || event.runStatus !== on) continue;
    if (event.name === 'status') {
      // The run waits, and no event had this status: no one would answer.
      if (eventNames.length === 0) await client.cancel(runId);
      continue;
    }
    eventNames.push(event.name);
    answers = Promise.all([answers, how(event)]);
  }
  await answers;
  return { asked: eventNames, status: (await client.run(runId)).status };
}

export const approve = (client: OriginalClient) => (event: OriginalEvent) => client.decide(linkOf(event, 'approve'));

/** Creates runs whose calls wait for approval, ten at once, and approves each as soon as it asks. @returns their last statuses */
export async function approveAtOnce(
  { client, crm }: Pick<World, 'client' | 'crm'>,
  batches: number,
): Promise<Status[]> {
  const statuses: Status[] = [];
  const body = salesSummary({ crm }, { approvalStrategy: 'ON_TOOL_CALL' });
  for (let batch = 0; batch < batches; batch++) {
    const ended = await Promise.all(Array.from({ length: 10 }, () => answer(client, body, 'PAUSED', approve(client))));
    statuses.push(...ended.map(({ status }) => status));
  }
  return statuses;
}
