import { type Connection, tokenDestination } from '@errand/db';
import { badge, facts, layout, pageHeaders } from '../pages/html/layout.ts';
import { plainText } from '../pages/html/plain-text.ts';
import { escaped, visible } from '../pages/html/visible.ts';

/** What the form of a start page holds. */
export type StartForm = {
  connection: Connection;
  userId: string;
  token: string;
  csrf: string;
  /** Whose page it is, and what the run that asks is for, if a run does. */
  workspace?: string;
  intent?: string;
  /** Where the user is sent to consent; absent while that is not known. */
  authorizationUrl?: string;
  /** What the user is asked to allow; absent where a token is asked for. */
  scopes?: readonly string[];
  problem?: string;
};

/** Scopes that the page lists. */
const MAX_SCOPES = 30;

/** The page on which a user goes on to the authorization server, enters a token, or refuses. */
export function startPage(form: StartForm): string {
  const { connection, userId, token, csrf, workspace, intent, authorizationUrl, scopes, problem } = form;
  const { name, description } = connection;
  const title = `Connect ${name}?`;
  const server = authorizationUrl && new URL(authorizationUrl).host;
  const asks =
    workspace === undefined ? 'The app that sent you here' : `<strong><bdi>${visible(workspace)}</bdi></strong>`;
  return layout(
    title,
    `<form method="post" action="connect">
<button disabled hidden></button>
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<input type="hidden" name="token" value="${escaped(token)}">
<input type="hidden" name="origin" value="${escaped(tokenDestination(connection))}">
<h1>${visible(title)}</h1>
${problem === undefined ? '' : `<p class="notice" role="alert">${visible(problem)}</p>`}
<p>${asks} would like to use ${visible(name)} for <strong><bdi>${visible(userId)}</bdi></strong>. Go on only if that is you.</p>
${badge(connection)}
${description === undefined ? '' : `<p class="muted lines"><bdi>${visible(plainText(description.slice(0, 2000)).slice(0, 500).toWellFormed())}</bdi></p>`}
${facts([['Errand', intent && visible(intent)]])}
${scopes ? consentHtml(scopes, server, connection.host) : tokenHtml(connection)}
<div class="act">
<button class="approve" name="decision" value="allow">${scopes ? 'Continue' : 'Save'}</button>
<button class="deny" name="decision" value="deny">Refuse</button>
</div>
</form>`,
    workspace,
  );
}

/** @param host of the service, which gets the access */
function consentHtml(scopes: readonly string[], server: string | undefined, host: string): string {
  const goes = `The access that you grant there goes to <strong><bdi>${visible(host)}</bdi></strong>.`;
  if (server === undefined)
    return `<p>You sign in at the service, which asks you before anything is allowed. ${goes}</p>`;
  const listed = scopes.slice(0, MAX_SCOPES).map((scope) => `<li><code><bdi>${visible(scope)}</bdi></code></li>`);
  const more = scopes.length > MAX_SCOPES ? `<li>and ${scopes.length - MAX_SCOPES} more</li>` : '';
  const scopesHtml =
    scopes.length === 0
      ? '<p>It asks for no particular rights: the service says what it may do.</p>'
      : `<h2>What it asks for</h2>\n<ul class="scopes">${listed.join('')}${more}</ul>`;
  return `${scopesHtml}
<p>You sign in at <strong><bdi>${visible(server)}</bdi></strong>. ${goes}</p>
<p>${visible(server)} asks you again before anything is allowed. Your password stays there.</p>`;
}

const tokenHtml = ({ name, host }: Connection): string => `<label for="apiToken">Token</label>
<input id="apiToken" name="apiToken" type="password" class="code" maxlength="16384" autocomplete="off" spellcheck="false" aria-describedby="token-hint">
<p id="token-hint"><small>You get a token from ${visible(name)}: sign in there and look for “API keys”, “Access tokens” or “Developer” in the settings of your account. It is kept sealed, and is sent to ${visible(host)} alone.</small></p>`;

const ends = {
  success: ['Connected', 'It is done. Errands that waited for it go on. You may close this page.'],
  error: [
    'Not connected',
    'Access was not given. You may close this page. If that was a mistake, go back to the app that sent you here and ask for a new link.',
  ],
} as const;
export type End = keyof typeof ends;

const trials: Readonly<Record<string, string>> = {
  accepted: ' The service accepted the token.',
  unknown:
    ' The token was kept without being tried: the next errand that uses it shows whether the service accepts it.',
};

/**
 * The page at the end, for users who are not sent anywhere else.
 * @param trial the result of trying the token that the user entered; other texts show nothing
 */
export function endPage(end: End, trial = ''): string {
  const [title, text] = ends[end];
  const tried = end === 'success' && Object.hasOwn(trials, trial) ? trials[trial] : '';
  return layout(title, `<h1>${title}</h1>\n<p class="notice" role="status">${text}${tried}</p>`);
}

/**
 * Headers of a start page. What a form may lead to holds for all redirects that follow, so that the authorization server is
 * named; the sites to which it leads on are not known, but are https.
 */
export function startHeaders(leadsTo: readonly (string | undefined)[]): Record<string, string> {
  const origins = leadsTo.flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
  const all = ["form-action 'self'", ...(origins.length > 0 ? ['https:', ...origins] : [])].join(' ');
  const policy = pageHeaders['content-security-policy'].replace("form-action 'self'", all);
  return { ...pageHeaders, 'content-security-policy': policy };
}
