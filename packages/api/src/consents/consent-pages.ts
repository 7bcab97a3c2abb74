import { variablesIn } from '@errand/contracts';
import { type Connection, tokenDestination } from '@errand/db';
import type { TrialResult } from '@errand/ports/credentials';
import type { FastifyReply } from 'fastify';
import { hostOf } from '../integrations/settings.ts';
import {
  badge,
  brandedHeaders,
  facts,
  layout,
  type PageBrand,
  type PageFrame,
  pageForm,
} from '../pages/html/layout.ts';
import { plainText } from '../pages/html/plain-text.ts';
import { userHtml } from '../pages/html/request-facts.ts';
import { visible } from '../pages/html/visible.ts';
import type { Texts } from '../pages/texts/en.ts';
import { type EnteredVariables, variableFieldsHtml } from './variable-fields.ts';

/** `workspace`: the name of the workspace that asks. */
export type ConsentForm = PageFrame & {
  connection: Connection;
  userId: string;
  /** The name of the user, if the product sent it. */
  userName?: string | undefined;
  consentToken: string;
  csrf: string;
  /** The intent of the run that asks, if any. */
  intent?: string;
  /** The page of the authorization server; absent while it is unknown. */
  authorizationUrl?: string;
  /** The requested scopes; absent when the user enters a token. */
  scopes?: readonly string[];
  /** Values of variables of the user. */
  entered?: EnteredVariables;
  /** Whether the product confirms the user afterwards; otherwise the page warns of links from other people. */
  isVerified?: boolean;
  problem?: string;
};

/** Maximum number of scopes that the page lists. */
const MAX_SCOPES = 30;

/** The page on which a user continues to the authorization server, enters a token, or refuses. */
export function consentFormPage(form: ConsentForm): string {
  const { texts, brand, connection, consentToken, csrf, workspace, intent, authorizationUrl, scopes, entered } = form;
  const { consent } = texts;
  const { name, description } = connection;
  const title = consent.title(name);
  const server = authorizationUrl && hostOf(authorizationUrl);
  const requesterName = brand?.name ?? workspace;
  const requester = requesterName === undefined ? consent.app : strong(requesterName);
  return layout(
    form,
    title,
    pageForm(
      'connect',
      { csrf, token: consentToken, origin: tokenDestination(connection) },
      `<h1>${visible(title)}</h1>
${form.problem === undefined ? '' : `<p class="notice" role="alert">${visible(form.problem)}</p>`}
<p>${consent.request(requester, visible(name), `<strong><bdi>${userHtml(form.userId, form.userName)}</bdi></strong>`)}</p>
${form.isVerified ? '' : `<p>${consent.warning(workspace === undefined ? consent.thatApp : strong(workspace))}</p>`}
${badge(connection)}
${description === undefined ? '' : `<p class="muted lines"><bdi>${visible(plainText(description.slice(0, 2000)).slice(0, 500).toWellFormed())}</bdi></p>`}
${facts([[texts.facts.errand, intent && visible(intent)]])}
${entered ? variableFieldsHtml(texts, connection, entered) : ''}
${scopes ? authorizationHtml(texts, scopes, server, connection.host) : credentialHtml(texts, connection)}`,
      `<button class="approve" name="decision" value="allow">${scopes ? consent.continue : consent.save}</button>
<button class="deny" name="decision" value="deny">${consent.refuse}</button>`,
    ),
  );
}

const strong = (text: string): string => `<strong><bdi>${visible(text)}</bdi></strong>`;

/** @param host of the service, which gets the access */
function authorizationHtml(
  { consent }: Texts,
  scopes: readonly string[],
  server: string | undefined,
  host: string,
): string {
  const accessText = consent.accessGoesTo(strong(host));
  if (server === undefined) return `<p>${consent.signInAtService} ${accessText}</p>`;
  const scopeItems = scopes.slice(0, MAX_SCOPES).map((scope) => `<li><code><bdi>${visible(scope)}</bdi></code></li>`);
  const more = scopes.length > MAX_SCOPES ? `<li>${consent.moreRights(scopes.length - MAX_SCOPES)}</li>` : '';
  const scopesHtml =
    scopes.length === 0
      ? `<p>${consent.noRights}</p>`
      : `<h2>${consent.rights}</h2>\n<ul class="scopes">${scopeItems.join('')}${more}</ul>`;
  return `${scopesHtml}
<p>${consent.signInAt(strong(server))} ${accessText}</p>
<p>${consent.asksAgain(visible(server))}</p>`;
}

function credentialHtml(texts: Texts, connection: Connection): string {
  const { type } = connection.auth;
  if (type === 'BASIC') return passwordHtml(texts, connection);
  return type === 'API_TOKEN' ? tokenHtml(texts, connection) : '';
}

/** The fields have the names of the service. */
function passwordHtml(texts: Texts, { name, host, auth }: Connection): string {
  const { userTitle = texts.userName, passwordTitle = texts.password } = auth as {
    userTitle?: string;
    passwordTitle?: string;
  };
  return `<label for="user">${visible(userTitle)}</label>
<input id="user" name="user" type="text" class="code" maxlength="1000" autocomplete="off" spellcheck="false" aria-describedby="password-hint">
<label for="password">${visible(passwordTitle)}</label>
<input id="password" name="password" type="password" class="code" maxlength="16384" autocomplete="off" spellcheck="false" aria-describedby="password-hint">
<p id="password-hint"><small>${texts.consent.passwordHint(visible(name), visible(host))}</small></p>`;
}

const tokenHtml = (texts: Texts, { name, host }: Connection): string => `<label for="apiToken">${texts.token}</label>
<input id="apiToken" name="apiToken" type="password" class="code" maxlength="16384" autocomplete="off" spellcheck="false" aria-describedby="token-hint">
<p id="token-hint"><small>${texts.consent.tokenHint(visible(name), visible(host))}</small></p>`;

export type ConsentOutcome = 'success' | 'error';

/**
 * The last page, for users without a redirect URI.
 * @param trial the result of testing the entered token; the page ignores any other text
 */
export function outcomePage(frame: PageFrame, outcome: ConsentOutcome, trial = ''): string {
  const { consent } = frame.texts;
  const { title, text } = consent[outcome];
  const isSuccess = outcome === 'success';
  const isKnown = isSuccess && Object.hasOwn(consent.trial, trial);
  const sentences = [
    text,
    ...(isKnown ? [consent.trial[trial as keyof Texts['consent']['trial']]] : []),
    ...(isSuccess ? [frame.texts.closePage] : []),
  ];
  return layout(frame, title, `<h1>${title}</h1>\n<p class="notice" role="status">${sentences.join(' ')}</p>`);
}

/**
 * Headers of the page of a consent request. Browsers apply `form-action` to the whole chain of redirects, so the policy names the authorization server.
 * The sites to which that server redirects are unknown but use https.
 */
export function consentFormHeaders(
  redirectTargets: readonly (string | undefined)[],
  brand?: PageBrand,
): Record<string, string> {
  const headers = brandedHeaders(brand);
  const urls = redirectTargets.filter((url) => url !== undefined);
  // The host of a page may depend on a value that the user still has to enter.
  const origins = urls.flatMap((url) => (variablesIn(url).length === 0 ? [new URL(url).origin] : []));
  const formActions = ["form-action 'self'", ...(urls.length > 0 ? ['https:', ...origins] : [])].join(' ');
  const policy = headers['content-security-policy'].replace("form-action 'self'", formActions);
  return { ...headers, 'content-security-policy': policy };
}

/**
 * Redirects the user at the end, so that no authorization code stays in the browser history.
 * @param trial the result of testing the token, and `brand` the token of the brand, for our own last page
 */
export function redirectUser(
  reply: FastifyReply,
  publicUrl: string,
  outcome: ConsentOutcome,
  { returnTo, trial, brand }: { returnTo?: string; trial?: TrialResult; brand?: string | undefined },
): FastifyReply {
  const url = withStatus(returnTo ?? `${publicUrl}/v1/connect/done`, outcome);
  if (returnTo === undefined && trial !== undefined) url.searchParams.set('trial', trial);
  if (returnTo === undefined && brand !== undefined) url.searchParams.set('brand', brand);
  return reply.redirect(url.href, 303);
}

function withStatus(address: string, outcome: ConsentOutcome): URL {
  const url = new URL(address);
  url.searchParams.set('status', outcome);
  return url;
}

/** The URL to which the user returns after a successful consent. */
export const succeededUrl = (returnTo: string): string => withStatus(returnTo, 'success').href;
