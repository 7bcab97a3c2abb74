// The parts of the consent walkthroughs: a service, a user in a browser, and runs that are followed to their end.
import { createClient } from '@errand/client';
import { streamEvents } from '@errand/client/rest';
import type { CreateIntegrationInput, CreateRunInput, RunEvent } from '@errand/contracts';
import { answerConsentPage, type Page, type Visitor } from './visitor.ts';

type Errand = (typeof CreateRunInput)['_zod']['input'];
type NewIntegration = (typeof CreateIntegrationInput)['_zod']['input'];

export type ConsentEndpoints = {
  /** Base URLs of the processes of one Errand service. */
  urls: readonly [string, ...string[]];
  /** An API key of that service. */
  apiKey: string;
  /** The authorization server, the OAuth client of the service, and the passwords of the users. */
  authorization: { issuer: string; clientId: string; clientSecret: string; users: Readonly<Record<string, string>> };
  /** The calendar: as an OpenAPI document, and as an MCP server. */
  calendar: { openapi: string; mcp: string };
  /** The CRM's OpenAPI document, and a token for it. */
  crm: { openapi: string; token: string };
  /** Opens a page in a new browser context. */
  newPage: () => Promise<Page>;
  say: (line: string) => void;
};

export type Ending = { status: string; result?: unknown; events: RunEvent[] };

/** Registers an integration, with all its tools. @returns its customerIntegrationId */
export async function register(
  { urls: [url], apiKey }: ConsentEndpoints,
  integration: NewIntegration,
): Promise<string> {
  const body = { enable: 'all' as const, ...integration };
  return (await createClient({ url, apiKey }).integrations.create.mutate(body)).customerIntegrationId;
}

/** Creates a run and follows it to its end. @param onLink called with the link when the run needs a consent */
export async function carryOut(
  { urls: [url], apiKey, say }: ConsentEndpoints,
  body: Errand,
  onLink?: (link: string) => Promise<void>,
): Promise<Ending> {
  const { runId } = await createClient({ url, apiKey }).runs.create.mutate(body);
  const events: RunEvent[] = [];
  for await (const event of streamEvents({ url, apiKey, runId })) {
    events.push(event);
    say(`${String(event.seq).padStart(4)} ${event.type.padEnd(14)} ${event.runStatus}`);
    // The event arrives before the run is suspended, and its link works at once.
    if (event.type !== 'authentication' || event.auth.status !== 'required' || !onLink) continue;
    if (event.auth.url === undefined) throw new Error('The key sees no link: it lacks connections:write.');
    await onLink(event.auth.url);
  }
  const end = events.at(-1);
  if (end?.type !== 'end') throw new Error('The stream ended before the run did.');
  return { status: end.runStatus, result: end.result, events };
}

/** Opens a link as a user in a browser, and decides. */
export async function visit(
  endpoints: ConsentEndpoints,
  link: string,
  visitor: Visitor,
  decision: 'allow' | 'deny',
): Promise<void> {
  const page = await endpoints.newPage();
  const texts = await answerConsentPage(page, link, visitor, decision);
  endpoints.say(`       in the browser: ${texts.join(' → ')}`);
}
