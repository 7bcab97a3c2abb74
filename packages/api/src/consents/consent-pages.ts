import { variablesIn } from '@errand/contracts';
import { type Connection, tokenDestination } from '@errand/db';
import type { TrialResult } from '@errand/ports/credentials';
import type { FastifyReply } from 'fastify';
import { hostOf } from '../integrations/settings.ts';
import { badge, facts, layout, pageForm, pageHeaders } from '../pages/html/layout.ts';
import { plainText } from '../pages/html/plain-text.ts';
import { visible } from '../pages/html/visible.ts';
import { type EnteredVariables, variableFieldsHtml } from './variable-fields.ts';

export type ConsentForm = {
  connection: Connection;
  userId: string;
  consentToken: string;
  csrf: string;
  /** The name of the workspace, and the intent of the run that asks, if any. */
  workspace?: string;
  intent?: string;
  /** The page of the authorization server; absent while it is unknown. */
  authorizationUrl?: string;
  /** The requested scopes; absent when the user enters a token. */
  scopes?: readonly string[];
  /** Values of variables of the user. */
  entered?: EnteredVariables;
  problem?: string;
};

/** Maximum number of scopes that the page lists. */
const MAX_SCOPES = 30;

/** The page on which a user continues to the authorization server, enters a token, or refuses. */
export function consentFormPage(form: ConsentForm): string {
  const { connection, userId, consentToken, csrf, workspace, intent, authorizationUrl, scopes, entered, problem } =
    form;
  const { name, description } = connection;
  const title = `Connect ${name}?`;
  const server = authorizationUrl && hostOf(authorizationUrl);
  const requesterHtml =
    workspace === undefined ? 'The app that sent you here' : `<strong><bdi>${visible(workspace)}</bdi></strong>`;
  return layout(
    title,
    pageForm(
      'connect',
      { csrf, token: consentToken, origin: tokenDestination(connection) },
      `<h1>${visible(title)}</h1>
${problem === undefined ? '' : `<p class="notice" role="alert">${visible(problem)}</p>`}
<p>${requesterHtml} would like to use ${visible(name)} for <strong><bdi>${visible(userId)}</bdi></strong>. Continue only if that is you.</p>
${badge(connection)}
${description === undefined ? '' : `<p class="muted lines"><bdi>${visible(plainText(description.slice(0, 2000)).slice(0, 500).toWellFormed())}</bdi></p>`}
${facts([['Errand', intent && visible(intent)]])}
${entered ? variableFieldsHtml(connection, entered) : ''}
${scopes ? authorizationHtml(scopes, server, connection.host) : credentialHtml(connection)}`,
      `<button class="approve" name="decision" value="allow">${scopes ? 'Continue' : 'Save'}</button>
<button class="deny" name="decision" value="deny">Refuse</button>`,
    ),
    workspace,
  );
}

/** @param host of the service, which gets the access */
function authorizationHtml(scopes: readonly string[], server: string | undefined, host: string): string {
  const accessText = `The access that you grant there goes to <strong><bdi>${visible(host)}</bdi></strong>.`;
  if (server === undefined)
    return `<p>You sign in at the service, which asks you before anything is allowed. ${accessText}</p>`;
  const scopeItems = scopes.slice(0, MAX_SCOPES).map((scope) => `<li><code><bdi>${visible(scope)}</bdi></code></li>`);
  const more = scopes.length > MAX_SCOPES ? `<li>and ${scopes.length - MAX_SCOPES} more</li>` : '';
  const scopesHtml =
    scopes.length === 0
      ? '<p>It requests no specific rights: the service decides what it may do.</p>'
      : `<h2>Requested rights</h2>\n<ul class="scopes">${scopeItems.join('')}${more}</ul>`;
  return `${scopesHtml}
<p>You sign in at <strong><bdi>${visible(server)}</bdi></strong>. ${accessText}</p>
<p>${visible(server)} asks you again before anything is allowed. Your password stays there.</p>`;
}

function credentialHtml(connection: Connection): string {
  const { type } = connection.auth;
  if (type === 'BASIC') return passwordHtml(connection);
  return type === 'API_TOKEN' ? tokenHtml(connection) : '';
}

/** The fields have the names of the service. */
function passwordHtml({ name, host, auth }: Connection): string {
  const { userTitle = 'User name', passwordTitle = 'Password' } = auth as {
    userTitle?: string;
    passwordTitle?: string;
  };
  return `<label for="user">${visible(userTitle)}</label>
<input id="user" name="user" type="text" class="code" maxlength="1000" autocomplete="off" spellcheck="false" aria-describedby="password-hint">
<label for="password">${visible(passwordTitle)}</label>
<input id="password" name="password" type="password" class="code" maxlength="16384" autocomplete="off" spellcheck="false" aria-describedby="password-hint">
<p id="password-hint"><small>You get both from ${visible(name)}. They are stored encrypted and sent only to ${visible(host)}.</small></p>`;
}

const tokenHtml = ({ name, host }: Connection): string => `<label for="apiToken">Token</label>
<input id="apiToken" name="apiToken" type="password" class="code" maxlength="16384" autocomplete="off" spellcheck="false" aria-describedby="token-hint">
<p id="token-hint"><small>You get a token from ${visible(name)}: sign in there and look for “API keys”, “Access tokens” or “Developer” in the settings of your account. It is stored encrypted and sent only to ${visible(host)}.</small></p>`;

const outcomeTexts = {
  success: ['Connected', 'Errands that waited for this now continue. You may close this page.'],
  error: [
    'Not connected',
    'Access was not granted. You may close this page. If that was a mistake, go back to the app that sent you here and request a new link.',
  ],
} as const;
export type ConsentOutcome = keyof typeof outcomeTexts;

const trialTexts: Readonly<Record<string, string>> = {
  accepted: ' The service accepted the token.',
  unknown: ' The token was stored without a test: the next errand that uses it shows whether the service accepts it.',
};

/**
 * The last page, for users without a redirect URI.
 * @param trial the result of testing the entered token; the page ignores any other text
 */
export function outcomePage(outcome: ConsentOutcome, trial = ''): string {
  const [title, text] = outcomeTexts[outcome];
  const trialText = outcome === 'success' && Object.hasOwn(trialTexts, trial) ? trialTexts[trial] : '';
  return layout(title, `<h1>${title}</h1>\n<p class="notice" role="status">${text}${trialText}</p>`);
}

/**
 * Headers of the page of a consent request. Browsers apply `form-action` to the whole chain of redirects, so the policy names the authorization server.
 * The sites to which that server redirects are unknown but use https.
 */
export function consentFormHeaders(redirectTargets: readonly (string | undefined)[]): Record<string, string> {
  const urls = redirectTargets.filter((url) => url !== undefined);
  // The host of a page may depend on a value that the user still has to enter.
  const origins = urls.flatMap((url) => (variablesIn(url).length === 0 ? [new URL(url).origin] : []));
  const formActions = ["form-action 'self'", ...(urls.length > 0 ? ['https:', ...origins] : [])].join(' ');
  const policy = pageHeaders['content-security-policy'].replace("form-action 'self'", formActions);
  return { ...pageHeaders, 'content-security-policy': policy };
}

/**
 * Redirects the user at the end, so that no authorization code stays in the browser history.
 * @param trial the result of testing the token, for our own last page
 */
export function redirectUser(
  reply: FastifyReply,
  publicUrl: string,
  outcome: ConsentOutcome,
  { returnTo, trial }: { returnTo?: string; trial?: TrialResult },
): FastifyReply {
  const url = new URL(returnTo ?? `${publicUrl}/v1/connect/done`);
  url.searchParams.set('status', outcome);
  if (returnTo === undefined && trial !== undefined) url.searchParams.set('trial', trial);
  return reply.redirect(url.href, 303);
}
