import { type Connection, tokenDestination } from '@errand/db';
import { layout, pageHeaders } from './layout.ts';
import { escaped, visible } from './visible.ts';

/** What the form of a start page holds. */
export type StartForm = {
  connection: Connection;
  userId: string;
  token: string;
  csrf: string;
  /** Where the user is sent to consent; absent where a token is asked for. */
  authorizationUrl?: string;
  problem?: string;
};

/** The page on which a user goes on to the authorization server, enters a token, or refuses. */
export function startPage({ connection, userId, token, csrf, authorizationUrl, problem }: StartForm): string {
  const { name, host, description } = connection;
  const title = `Connect ${name}?`;
  const server = authorizationUrl && new URL(authorizationUrl).host;
  const what = server
    ? `<p>You will be asked at <strong>${visible(server)}</strong> whether it may be used for you.</p>`
    : `<p>Enter a token of yours for ${visible(name)}. It is kept sealed, and is sent to ${visible(host)} alone.</p>`;
  const field = server
    ? ''
    : '<label for="apiToken">Token</label>\n<input id="apiToken" name="apiToken" type="password" maxlength="16384" autocomplete="off" spellcheck="false">';
  return layout(
    title,
    `<h1>${visible(title)}</h1>
${problem === undefined ? '' : `<p class="notice" role="alert">${visible(problem)}</p>`}
<dl>
<dt>Integration</dt><dd><bdi>${visible(name)}</bdi></dd>
<dt>Service</dt><dd><bdi>${visible(host)}</bdi></dd>
${description === undefined ? '' : `<dt>What it is</dt><dd><bdi>${visible(description.slice(0, 500))}</bdi></dd>`}
<dt>On behalf of</dt><dd><bdi>${visible(userId)}</bdi></dd>
</dl>
<p>Errands of this user will use what you give. Go on only if you are this user.</p>
${what}
<form method="post" action="connect">
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<input type="hidden" name="token" value="${escaped(token)}">
<input type="hidden" name="origin" value="${escaped(tokenDestination(connection))}">
${field}
<div class="buttons">
<button class="approve" name="decision" value="allow">${server ? 'Continue' : 'Save'}</button>
<button class="deny" name="decision" value="deny">Refuse</button>
</div>
</form>`,
  );
}

const ends = {
  success: ['Connected', 'It is done. Errands that waited for it go on. You may close this page.'],
  error: ['Not connected', 'Access was not given. You may close this page.'],
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
