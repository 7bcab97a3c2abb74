// A service with everything that is measured: a model, a webhook, and tools that succeed, fail and need an approval.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startScriptedModel } from '@errand/integrations/testing';
import { aRun, carryOut } from '../fixtures/builders.ts';
import { ended, payments, startOffice, startWaiting } from '../fixtures/office.ts';
import { startReceiver } from '../fixtures/receiver.ts';
import { overRest } from '../fixtures/transports.ts';

/** A canary: no metric may contain it. */
export const MODEL_KEY = 'sk-canary-of-metrics-7d21';

export async function startMetered(env: Readonly<Record<string, string>> = {}) {
  let toolId = '';
  const plan = () => ({ goal: 'Look', steps: [{ id: 'a', tool: `${toolId}.look`, args: {} }] });
  const model = await startScriptedModel(() => ({ json: plan(), usage: { inputTokens: 1000, outputTokens: 50 } }));
  const receiver = await startReceiver();
  const office = await startOffice({
    allow: [new URL(model.url).origin, receiver.origin],
    env: {
      ERRAND_METRICS_PORT: '0',
      ERRAND_MODEL_PROVIDER: 'openai-compatible',
      ERRAND_MODEL: 'scripted',
      ERRAND_MODEL_BASE_URL: model.url,
      ERRAND_MODEL_API_KEY: MODEL_KEY,
      ERRAND_MODEL_PRICES: '{"scripted": {"input": 2, "output": 10}}',
      ...env,
    },
  });
  toolId = office.id;
  const { stack } = office;
  return {
    office,
    stack,
    api: overRest(stack),
    metricsUrl: metricsUrlOf(stack.log()),
    /** Carries out the main job: planned by the model, with an approval, a call whose answer is lost, and a webhook. */
    async carryOutAll() {
      const api = overRest(stack);
      await api.webhooks.create({ url: receiver.urlOf('all'), events: ['run.end'] });
      const planned = await carryOut(api, aRun({ intent: 'Look' }));
      const waiting = await startWaiting(api, payments(office, [7], { approvalStrategy: 'ON_WRITE' }));
      await api.approvals.decide({ approvalId: waiting.waitingOn[0]!.approvalId!, decision: 'approve' });
      const approved = await ended(api, waiting.runId);
      // The answer to each new name is lost.
      const args = { body: { name: randomUUID() } };
      const vanishing = { goal: 'Fail', steps: [{ id: 'a', tool: `${office.id}.vanish`, args }] };
      const open = await startWaiting(api, payments(office, [], { plan: vanishing, approvalStrategy: 'NONE' }));
      return { planned: planned.run, approved, open };
    },
    close: async () => {
      await office.close();
      await receiver.close();
      await model.close();
    },
  };
}

/** Where a service serves its metrics, by its log. */
export function metricsUrlOf(log: string): string {
  const line = log.split('\n').find((text) => text.includes('metrics are served at /metrics'));
  if (line === undefined) throw new Error(`The log names no port of metrics:\n${log}`);
  const { host, port } = JSON.parse(line) as { host: string; port: number };
  return `http://${host}:${port}/metrics`;
}

/** Reads metrics. A text is shared for a second, so it may be that old. */
export async function scrape(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.text();
}

/** Scrapes until the text satisfies a condition; without a process the answer is an error. */
export async function scrapeUntil(url: string, isDone: (text: string) => boolean): Promise<string> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const text = await scrape(url).catch(() => '');
    if (isDone(text)) return text;
    await sleep(500);
  }
  throw new Error(`The metrics do not show what is expected:\n${await scrape(url)}`);
}

/** The value of a series, as it is written; undefined if there is none. */
export function seriesValue(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
