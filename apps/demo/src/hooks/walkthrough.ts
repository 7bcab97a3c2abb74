// Posts the ends of 1,000 runs to a receiver while a process of the service is killed repeatedly, then waits for a scheduled run.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Crm } from '../crm/start.ts';
import type { Receiver } from './receiver.ts';

export type HooksEndpoints = {
  url: string;
  apiKey: string;
  crm: Crm;
  receiver: Receiver;
  /** Kills a process of the service and starts it again. */
  killOne: () => Promise<void>;
  say: (line: string) => void;
};

const RUNS = 1000;
const AT_ONCE = 20;
const KILL_MS = 1500;
/** Time limit for all deliveries, in ms. */
const TAKEN_IN_MS = 180_000;

/** @returns descriptions of the faults; empty on success */
export async function hooksWalkthrough(endpoints: HooksEndpoints): Promise<string[]> {
  const { crm, receiver, say, killOne } = endpoints;
  const faults: string[] = [];
  const ask = asker(endpoints);
  const { customerIntegrationId: id } = await ask('POST', '/v1/integrations', {
    name: 'CRM',
    kind: 'openapi',
    url: crm.documentUrl,
    auth: { type: 'API_TOKEN', token: crm.token },
    enable: 'all',
  });
  const plan = { goal: 'List users', steps: [{ id: 'users', tool: `${id}.listUsers`, args: {} }] };
  const run = { intent: 'List all users', userId: 'ada', selectedCustomerIntegrationIds: [id], plan };
  const hook = await ask('POST', '/v1/webhooks', { url: `${receiver.url}/hook`, events: ['run.end'] });
  receiver.verifyWith(hook.secret!);

  say(`${RUNS} runs are created, and a process of the service is killed every ${KILL_MS / 1000} s:`);
  const created = new Set<string>();
  const from = Date.now();
  let kills = 0;
  let isFinished = false;
  const killing = (async () => {
    for (; !isFinished; await sleep(KILL_MS)) {
      await killOne();
      kills++;
    }
  })();
  const caller = async (n: number) => {
    for (let i = n; i < RUNS; i += AT_ONCE) created.add((await ask('POST', '/v1/runs', run, `demo-${i}`)).runId!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => caller(n)));
  const deliveredRunIds = () => new Set(receiver.runIdByMessageId.values());
  while (deliveredRunIds().size < RUNS && Date.now() - from < TAKEN_IN_MS) await sleep(100);
  isFinished = true;
  await killing;
  const { posts, refused, repeated, forged } = receiver.counts;
  const missing = [...created].filter((runId) => !deliveredRunIds().has(runId)).length;
  say(
    `  ${kills} kills in ${((Date.now() - from) / 1000).toFixed(1)} s; ${posts} posts, ${refused} refused, ${repeated} came again with an id that was known`,
  );
  say(
    `  ${deliveredRunIds().size} of ${created.size} ends were told, each under one id: ${receiver.runIdByMessageId.size} ids`,
  );
  if (created.size !== RUNS || missing > 0) faults.push(`${missing} of ${created.size} ends were not told.`);
  if (receiver.runIdByMessageId.size !== RUNS)
    faults.push(`${receiver.runIdByMessageId.size} ids were used for ${RUNS} ends.`);
  if (forged > 0) faults.push(`${forged} posts could not be verified.`);

  say('\nA schedule comes at the next minute:');
  const { scheduleId, next } = await ask('POST', '/v1/schedules', { name: 'Each minute', cron: '* * * * *', run });
  say(`  its next time is ${next![0]}`);
  const until = Date.now() + 90_000;
  let last: Schedule['last'];
  while (!last && Date.now() < until) {
    await sleep(200);
    ({ last } = await ask('GET', `/v1/schedules/${scheduleId}`));
  }
  say(`  ${last ? `its run ${last.runId} is for ${last.dueAt}` : 'it did not come'}`);
  if (last?.dueAt !== next![0] || last?.outcome !== 'created') faults.push('The schedule did not come at its time.');
  await ask('DELETE', `/v1/schedules/${scheduleId}`);
  return faults;
}

type Schedule = { next?: string[]; last?: { runId?: string; dueAt: string; outcome: string } };
type Answer = { customerIntegrationId?: string; secret?: string; runId?: string; scheduleId?: string } & Schedule;

/** Repeats a request until it is answered, because a process may just have been killed. */
const asker =
  ({ url, apiKey }: HooksEndpoints) =>
  async (method: string, path: string, body?: object, key?: string): Promise<Answer> => {
    const headers = {
      'x-api-key': apiKey,
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if ([409, 429, 503].includes(response.status)) {
      await sleep(200);
      return asker({ url, apiKey } as HooksEndpoints)(method, path, body, key);
    }
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Answer);
  };
