// Runs the three errands on a running service and prints their events.
import { createClient } from '@errand/client';
import { createRestClient, streamEvents } from '@errand/client/rest';
import type { RunEvent } from '@errand/contracts';
import { errands } from './errands.ts';

type Errand = (typeof errands)[keyof typeof errands];

export type Endpoints = {
  url: string;
  apiKey: string;
  /** Writes one line. */
  say: (line: string) => void;
};

export type CrmEndpoint = { url: string; token: string };

/** Runs one errand over REST and SSE, and prints its events as they arrive. */
export async function overRest({ url, apiKey, say }: Endpoints, errand: Errand): Promise<RunEvent> {
  const { data, error } = await createRestClient({ url, apiKey }).POST('/v1/runs', { body: structuredClone(errand) });
  if (!data) throw new Error(`POST /v1/runs: ${error.detail ?? error.title}`);
  let last: RunEvent | undefined;
  for await (const event of streamEvents({ url, apiKey, runId: data.runId })) {
    say(describe(event));
    last = event;
  }
  if (last?.type !== 'end') throw new Error('The stream ended before the run did.');
  return last;
}

/** Runs one errand over tRPC, as an app would. */
export async function overTrpc({ url, apiKey, say }: Endpoints, errand: Errand): Promise<RunEvent> {
  const client = createClient({ url, apiKey });
  const { runId } = await client.runs.create.mutate(structuredClone(errand));
  return new Promise((resolve, reject) => {
    const subscription = client.runs.stream.subscribe(
      { runId },
      {
        onData: ({ data: event }) => {
          if (event.type === 'progress') return;
          say(describe(event));
          if (event.type !== 'end') return;
          subscription.unsubscribe();
          resolve(event);
        },
        onError: reject,
      },
    );
  });
}

/** Runs one errand as an example. @returns whether it succeeded */
export async function welcome(endpoints: Endpoints): Promise<boolean> {
  const { say } = endpoints;
  say(`"${errands.salesSummary.intent}" (${errands.salesSummary.context})`);
  const end = await overRest(endpoints, errands.salesSummary);
  if ('result' in end) say(`  result ${JSON.stringify(end.result)}`);
  return end.runStatus === 'SUCCESS';
}

/**
 * Runs all three errands over REST and over tRPC, and compares the result of the first with the CRM.
 * @returns descriptions of the faults; empty on success
 */
export async function walkthrough(endpoints: Endpoints, crm: CrmEndpoint | undefined): Promise<string[]> {
  const faults: string[] = [];
  const transports = { 'REST and SSE': overRest, tRPC: overTrpc };
  for (const [transport, carryOut] of Object.entries(transports)) {
    for (const [name, errand] of Object.entries(errands)) {
      endpoints.say(`\n${name} over ${transport}: "${errand.intent}"`);
      const end = await carryOut(endpoints, errand);
      const fault = await faultOf(endpoints, end, name === 'salesSummary' ? crm : undefined);
      if (fault !== undefined) faults.push(`${name} over ${transport}${fault}`);
    }
  }
  return faults;
}

async function faultOf({ say }: Endpoints, end: RunEvent, crm: CrmEndpoint | undefined): Promise<string | undefined> {
  const result = 'result' in end ? end.result : undefined;
  say(`  result ${JSON.stringify(result)}`);
  if (end.runStatus !== 'SUCCESS') return ` ended as ${end.runStatus}.`;
  const difference = crm && (await differenceToCrm(crm, result));
  if (difference) return `: ${difference}`;
  if (crm) say('  the CRM itself says the same');
  return undefined;
}

function describe(event: RunEvent): string {
  const head = `  ${String(event.seq).padStart(2)} ${event.type.padEnd(6)} ${event.runStatus}`;
  if (event.type === 'step') return `${head}  ${event.step.reason}: ${event.step.text ?? ''}`;
  if (event.type === 'end' && event.summary) return `${head}  ${event.summary}`;
  return event.type === 'status' && event.reason ? `${head}  ${event.reason}` : head;
}

type Summary = { period: string; totalRevenue: number; byRegion: { region: string; revenue: number }[] };

/** Compares a result with the figures of the CRM for Q4 2023. @returns a description of the difference, or undefined */
async function differenceToCrm({ url, token }: CrmEndpoint, result: unknown): Promise<string | undefined> {
  const response = await fetch(`${url}/v1/sales/summary?year=2023&quarter=Q4`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) return `the CRM answered ${response.status}.`;
  const { totalRevenue, byRegion } = (await response.json()) as Summary;
  const expected = {
    total: totalRevenue,
    regions: sorted(byRegion.map(({ region, revenue }) => ({ region, total: revenue }))),
  };
  const { quarter, total, regions } = result as { quarter: string; total: number; regions: Region[] };
  const actual = { total, regions: sorted(regions) };
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    return `the result is ${JSON.stringify(actual)}, but the CRM says ${JSON.stringify(expected)}.`;
  }
  return quarter.includes('Q4') ? undefined : `the quarter is "${quarter}".`;
}

type Region = { region: string; total: number };

const sorted = (regions: Region[]): Region[] =>
  regions.map(({ region, total }) => ({ region, total })).sort((a, b) => (a.region < b.region ? -1 : 1));
