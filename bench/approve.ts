import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { HttpClient } from './http.ts';
import { anApproval } from './runs.ts';
import type { Stack } from './stack.ts';

export const approve: Scenario = {
  name: 'approve',
  goal: { nextCallP50Ms: '<= 4' },
};

const WARM = 500;
const RUNS = 200;

/** From the request that approves a call until that call arrives at the third party, one run at a time. */
export async function measureApprove(stack: Stack): Promise<Figures> {
  const http = stack.client((await stack.main()).url, 2);
  const third = stack.client(stack.thirdPartyUrl, 1);
  const request = anApproval(stack.integration);
  for (let i = 0; i < WARM; i++) await approved(http, third, request);
  const tookMs = [];
  for (let i = 0; i < RUNS; i++) tookMs.push(await approved(http, third, request));
  return {
    nextCallP50Ms: round(quantile(tookMs, 0.5)),
    nextCallP95Ms: round(quantile(tookMs, 0.95)),
    runs: RUNS,
  };
}

/** How long one approval took to become a call, in ms; a stream of the run stays open meanwhile. */
async function approved(http: HttpClient, third: HttpClient, request: object): Promise<number> {
  const { runId } = JSON.parse(await http.send('POST', '/v1/runs', request)) as { runId: string };
  let followed: Promise<void> | undefined;
  const approvalId = await new Promise<string>((asked, failed) => {
    followed = http.follow(`/v1/runs/${runId}/sse`, (text) => {
      if (text.includes('"runStatus":"PAUSED"')) asked(/"approvalId":"([\w-]+)"/.exec(text)![1]!);
      return undefined;
    });
    followed.then(() => failed(new Error(`The run ${runId} ended without a question.`)), failed);
  });
  const from = process.hrtime.bigint();
  await http.send('POST', `/v1/approvals/${approvalId}`, { decision: 'approve' });
  await followed;
  return Number(BigInt(await third.send('GET', '/ordered')) - from) / 1e6;
}
