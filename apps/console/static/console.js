// The page that signs people in: it uses the link in the fragment of its address, then shows who is signed in.

const STORED_TOKEN = 'errand-session';
const TICKET = 'oidc.';
const LINKED = 'linked';
/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} title @param {string} [text] */
function show(title, text = '') {
  element('title').textContent = title;
  element('text').textContent = text;
  element('title').focus();
}

/** @param {string} path @param {{ method?: string, body?: unknown }} [options] @returns {Promise<any>} */
async function request(path, { method = 'GET', body } = {}) {
  /** @type {Record<string, string>} */
  const headers = { 'x-errand-console': localStorage.getItem(STORED_TOKEN) ?? '' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const answer = await response.json();
  if (response.ok) return answer;
  throw answer.error?.data?.problem ?? answer;
}

const call = {
  /** @param {string} name */
  query: async (name) => (await request(`/console/trpc/${name}?input=%7B%7D`)).result.data,
  /** @param {string} name @param {unknown} input */
  mutate: (name, input) => request(`/console/trpc/${name}`, { method: 'POST', body: input }),
};

/** @param {string} path @param {Record<string, string>} secret */
async function signIn(path, secret) {
  const { token } = await request(path, { method: 'POST', body: secret });
  localStorage.setItem(STORED_TOKEN, token);
}

/** Signs in with the fragment of the address: the token of a link, or the ticket of the callback. @param {string} fragment */
async function useFragment(fragment) {
  if (fragment.startsWith(TICKET)) await signIn('/console/sign-in/oidc', { ticket: fragment.slice(TICKET.length) });
  else if (fragment !== '' && fragment !== LINKED) await signIn('/console/sign-in', { link: fragment });
}

const returnPath = () => location.pathname + location.search;

/** Shows how to use the identity provider, if there is one. @param {'sign-in' | 'link-identity'} id */
async function offerProvider(id) {
  const { oidc } = await request('/console/sign-in/methods');
  for (const each of ['sign-in', 'link-identity']) element(each).hidden = each !== id || !oidc;
  if (!oidc) return;
  element('sign-in').textContent = `Sign in with ${oidc.host}`;
  element('sign-in').setAttribute('href', `/console/sign-in/oidc?return=${encodeURIComponent(returnPath())}`);
  element('link-identity').textContent = `Link your identity at ${oidc.host}`;
}

async function linkIdentity() {
  const { url } = await request('/console/sign-in/oidc/link', { method: 'POST', body: { returnPath: returnPath() } });
  location.assign(url);
}

/** @param {string} text @param {string} detail @param {Node} [action] */
function item(text, detail, action) {
  const row = document.createElement('li');
  for (const part of [text, detail]) {
    const span = document.createElement('span');
    span.textContent = part;
    row.append(span);
  }
  if (action) row.append(action);
  return row;
}

/** @param {string} sessionId */
function endButton(sessionId) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'End';
  button.addEventListener('click', () => void endSession(sessionId));
  return button;
}

/** @param {string} sessionId */
async function endSession(sessionId) {
  await call.mutate('session.end', { sessionId });
  await showAccount();
}

async function showAccount() {
  const [session, { sessions }] = await Promise.all([call.query('session.get'), call.query('session.list')]);
  show(
    `Signed in as ${session.person.name}`,
    session.workspaces.length > 0 ? '' : 'You belong to no workspace. Ask an administrator for an invitation.',
  );
  const workspaces = session.workspaces.map((/** @type {any} */ { name, role }) => item(name, role));
  element('workspaces').replaceChildren(...workspaces);
  const rows = sessions.map((/** @type {any} */ { sessionId, current, seenAt, userAgent = 'unknown browser' }) =>
    item(
      current ? 'This browser' : userAgent,
      `last used ${new Date(seenAt).toLocaleString()}`,
      current ? undefined : endButton(sessionId),
    ),
  );
  element('sessions').replaceChildren(...rows);
  element('account').hidden = false;
  await offerProvider('link-identity');
}

/** @param {any} problem */
async function showProblem(problem) {
  element('account').hidden = true;
  if (problem.code === undefined)
    return show('Errand does not answer', 'Check that the service runs, then reload this page.');
  if (problem.code !== 'unauthenticated') show(`${problem.title}.`, [problem.detail, problem.remedy].join(' '));
  else
    show(
      'You are not signed in',
      'Open a sign-in link. The operator of this service makes one with: node apps/server/dist/login-link.js',
    );
  await offerProvider('sign-in').catch(() => {});
}

element('sign-out').addEventListener('click', async () => {
  await call.mutate('session.end', {}).catch(() => {});
  localStorage.removeItem(STORED_TOKEN);
  element('account').hidden = true;
  show('You are signed out');
  await offerProvider('sign-in').catch(() => {});
});

element('link-identity').addEventListener('click', () => void linkIdentity().catch(showProblem));

const fragment = location.hash.slice(1);
// Before the first request, so that the link stays in no address and no history.
history.replaceState(null, '', returnPath());
try {
  await useFragment(fragment);
  await showAccount();
  if (fragment === LINKED)
    element('text').textContent = 'Your identity is linked. You can sign in with it from now on.';
} catch (problem) {
  await showProblem(problem);
}
