// A run that needs a consent, from the request to the decision, and many runs at once when the consent's token has run out.
import { createRestClient, streamEvents } from '@errand/client/rest';
import type { RunEvent } from '@errand/contracts';
import { answerConsentPage, type Page, type Visitor } from './visitor.ts';

export type ConsentEndpoints = {
  /** Base URLs of the processes of one Errand service. */
  urls: readonly [string, ...string[]];
  /** An API key of that service. */
  apiKey: string;
  /** The authorization server, the OAuth client as which the service is registered there, and the passwords of its users. */
  authorization: { issuer: string; clientId: string; clientSecret: string; users: Readonly<Record<string, string>> };
  /** The URL of the calendar's OpenAPI document. */
  openapi: string;
  /** A fresh browser. */
  newPage: () => Promise<Page>;
  say: (line: string) => void;
};

type Ending = { status: string; result?: unknown; events: RunEvent[] };

/** Runs that need the token at once. */
const AT_ONCE = 30;

/** Walks through all of it. @returns the faults; empty when all went well */
export async function consentWalkthrough(endpoints: ConsentEndpoints): Promise<string[]> {
  const { say } = endpoints;
  const faults: string[] = [];
  const expect = (fine: boolean, fault: string) => {
    if (!fine) faults.push(fault);
  };
  const calendarId = await register(endpoints);
  const ada = { username: 'ada', password: endpoints.authorization.users.ada ?? '' };
  const grace = { username: 'grace', password: endpoints.authorization.users.grace ?? '' };

  say('A run on behalf of Ada, who has not connected her calendar:');
  const first = await carryOut(endpoints, calendarId, 'ada', (link) => visit(endpoints, link, ada, 'allow'));
  say(`  result ${JSON.stringify(first.result).slice(0, 160)}`);
  const at = (type: string) => Date.parse(first.events.findLast((event) => event.type === type)?.timestamp ?? '');
  say(`  its call was made and reported ${at('step') - at('authentication')} ms after she had said yes`);
  expect(first.status === 'SUCCESS', `The run of Ada ended ${first.status}.`);

  say(`\nAll access tokens run out, and ${AT_ONCE} runs need Ada's at once, over ${endpoints.urls.length} processes:`);
  const before = await counters(endpoints);
  await fetch(`${endpoints.authorization.issuer}/operator/expire-access-tokens`, { method: 'POST' });
  const runs = Array.from({ length: AT_ONCE }, (_, i) => {
    const url = endpoints.urls[i % endpoints.urls.length] ?? endpoints.urls[0];
    return carryOut({ ...endpoints, urls: [url], say: () => {} }, calendarId, 'ada');
  });
  const ended = await Promise.all(runs);
  const succeeded = ended.filter(({ status }) => status === 'SUCCESS').length;
  const after = await counters(endpoints);
  const refreshes = after.tokenCalls.refresh_token - before.tokenCalls.refresh_token;
  const reuses = after.reuses - before.reuses;
  say(`  ${succeeded} of ${AT_ONCE} runs SUCCESS, refresh calls ${refreshes}, reuses of a refresh token ${reuses}`);
  expect(succeeded === AT_ONCE, `${AT_ONCE - succeeded} of ${AT_ONCE} runs did not succeed.`);
  expect(refreshes === 1 && reuses === 0, `There were ${refreshes} refresh calls and ${reuses} reuses, not 1 and 0.`);

  say('\nA run on behalf of Grace, who says no:');
  const denied = await carryOut(endpoints, calendarId, 'grace', (link) => visit(endpoints, link, grace, 'deny'));
  const statuses = denied.events.flatMap((event) => (event.type === 'authentication' ? [event.auth.status] : []));
  say(`  authentication ${statuses.join(', ')}; the run ended ${denied.status}`);
  expect(statuses.join() === 'required,denied', `The events report her denial as ${statuses.join()}.`);
  expect(denied.status !== 'SUCCESS', 'A run without her calendar was a success.');
  return faults;
}

async function register({ urls: [url], apiKey, authorization, openapi }: ConsentEndpoints): Promise<string> {
  const { clientId, clientSecret } = authorization;
  const body = {
    name: 'Calendar',
    kind: 'openapi',
    url: openapi,
    auth: { type: 'OAUTH2', clientId, clientSecret },
    enable: 'all',
  } as const;
  const { data, error } = await createRestClient({ url, apiKey }).POST('/v1/integrations', { body });
  if (!data) throw new Error(`POST /v1/integrations: ${error.detail ?? error.title}`);
  return data.customerIntegrationId;
}

/** Creates a run and follows it to its end. @param onLink gets the link that the run shows when it needs the consent */
async function carryOut(
  { urls: [url], apiKey, say }: ConsentEndpoints,
  calendarId: string,
  userId: string,
  onLink?: (link: string) => Promise<void>,
): Promise<Ending> {
  const body = { intent: 'List the events of my calendar', userId, selectedCustomerIntegrationIds: [calendarId] };
  const { data, error } = await createRestClient({ url, apiKey }).POST('/v1/runs', { body });
  if (!data) throw new Error(`POST /v1/runs: ${error.detail ?? error.title}`);
  const events: RunEvent[] = [];
  for await (const event of streamEvents({ url, apiKey, runId: data.runId })) {
    events.push(event);
    say(`${String(event.seq).padStart(4)} ${event.type.padEnd(14)} ${event.runStatus}`);
    // The event arrives before the run is suspended. The link works already.
    if (event.type !== 'authentication' || event.auth.status !== 'required' || !onLink) continue;
    if (event.auth.url === undefined) throw new Error('The key sees no link: it lacks connections:write.');
    await onLink(event.auth.url);
  }
  const end = events.at(-1);
  if (end?.type !== 'end') throw new Error('The stream ended before the run did.');
  return { status: end.runStatus, result: end.result, events };
}

async function visit(
  endpoints: ConsentEndpoints,
  link: string,
  visitor: Visitor,
  decision: 'allow' | 'deny',
): Promise<void> {
  const page = await endpoints.newPage();
  const seen = await answerConsentPage(page, link, visitor, decision);
  endpoints.say(`       in the browser: ${seen.join(' → ')}`);
}

type Counters = { reuses: number; tokenCalls: { refresh_token: number } };
const counters = async ({ authorization }: ConsentEndpoints): Promise<Counters> =>
  (await (await fetch(`${authorization.issuer}/operator/counters`)).json()) as Counters;
