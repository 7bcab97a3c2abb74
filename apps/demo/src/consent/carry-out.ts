// The parts of the consent walkthroughs: a service, a user in a browser, and runs that are followed to their end.
import { createClient } from '@errand/client';
import { streamEvents } from '@errand/client/rest';
import type { CreateIntegrationInput, RunEvent } from '@errand/contracts';
import type { Errand } from '../errands.ts';

type NewIntegration = (typeof CreateIntegrationInput)['_zod']['input'];

/** The part of Playwright's `Page` that the walkthrough uses. */
type Page = {
  goto(url: string): Promise<unknown>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  waitForSelector(selector: string): Promise<unknown>;
  textContent(selector: string): Promise<string | null>;
  url(): string;
};

/** A user with an account at the calendar. */
export type Visitor = { username: string; password: string };

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

/** Opens the link of a run in a browser, continues to the authorization server, signs in, and allows or denies access. */
export async function visit(
  endpoints: ConsentEndpoints,
  link: string,
  { username, password }: Visitor,
  decision: 'allow' | 'deny',
): Promise<void> {
  const page = await endpoints.newPage();
  const headings: string[] = [];
  const noteHeading = async () => headings.push(((await page.textContent('h1')) ?? '').trim());
  await page.goto(link);
  await noteHeading();
  await page.click('button[value=allow]');
  await page.waitForSelector('input[name=username]');
  await noteHeading();
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click(`button[value=${decision}]`);
  await page.waitForSelector('.notice');
  await noteHeading();
  endpoints.say(`       in the browser: ${headings.join(' → ')}`);
}
