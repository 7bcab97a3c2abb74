import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { HttpClient } from './http.ts';
import { anApproval, anApprovalBeside } from './runs.ts';
import type { Stack } from './stack.ts';
import { release } from './streams.ts';

export const approve: Scenario = {
  name: 'approve',
  goal: { nextCallP50Ms: '<= 3', besideAnotherCallP95Ms: '<= 50' },
};

const WARM = 500;
const RUNS = 200;
const BESIDE = 100;

/** Time from the request that approves a call to the arrival of that call at the third party, one run at a time. */
export async function measureApprove(stack: Stack): Promise<Figures> {
  const http = stack.client((await stack.main()).url, 2);
  const third = stack.client(stack.thirdPartyUrl, 1);
  const request = anApproval(stack.integration);
  for (let i = 0; i < WARM; i++) await approved(http, third, request);
  const tookMs = [];
  for (let i = 0; i < RUNS; i++) tookMs.push(await approved(http, third, request));
  const besideMs = [];
  for (let i = 0; i < BESIDE; i++) {
    const letGo = () => release(stack, i);
    besideMs.push(await approved(http, third, anApprovalBeside(stack.integration, i), letGo));
  }
  return {
    nextCallP50Ms: round(quantile(tookMs, 0.5)),
    nextCallP95Ms: round(quantile(tookMs, 0.95)),
    besideAnotherCallP50Ms: round(quantile(besideMs, 0.5)),
    besideAnotherCallP95Ms: round(quantile(besideMs, 0.95)),
    besideAnotherCallMaxMs: round(Math.max(...besideMs)),
    runs: RUNS,
  };
}

/**
 * Time from one approval to its call, in ms, while a stream of the run is open.
 * @param letGo ends the other work once the call has arrived
 */
async function approved(
  http: HttpClient,
  third: HttpClient,
  request: object,
  letGo?: () => Promise<void>,
): Promise<number> {
  const { runId } = JSON.parse(await http.send('POST', '/v1/runs', request)) as { runId: string };
  let followed: Promise<void> | undefined;
  const approvalId = await new Promise<string>((onApprovalId, failed) => {
    followed = http.follow(`/v1/runs/${runId}/sse`, (text) => {
      if (text.includes('"runStatus":"PAUSED"')) onApprovalId(/"approvalId":"([\w-]+)"/.exec(text)![1]!);
      return undefined;
    });
    followed.then(() => failed(new Error(`The run ${runId} ended without a decision request.`)), failed);
  });
  const from = process.hrtime.bigint();
  await http.send('POST', `/v1/approvals/${approvalId}`, { decision: 'approve' });
  const ordered = async () => BigInt(await third.send('GET', '/ordered'));
  if (letGo) {
    while ((await ordered()) < from) await sleep(2);
    await letGo();
  }
  await followed;
  return Number((await ordered()) - from) / 1e6;
}
