// A product: its user asks for something, sees the steps, connects an account, and decides.
import { watchRun } from './watch-run.js';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Asks the server of this product, which knows the user, for a token. */
async function openSession() {
  const response = await fetch('/session', { method: 'POST' });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.json();
}

/** @type {{ errandUrl: string, userId: string, token: string }} */
let session;
const getToken = async () => {
  session = await openSession();
  return session.token;
};

/** Calls Errand, which is on another origin. @param {string} path @param {object} body @param {Record<string, string>} [headers] */
async function post(path, body, headers) {
  const response = await fetch(session.errandUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${answer.code}: ${answer.detail}`);
  return answer;
}

/** @param {any} event */
function show(event) {
  const item = document.createElement('li');
  item.dataset.seq = event.seq;
  item.textContent = event.type;
  element('events').append(item);
  if (event.type === 'authentication') {
    const link = /** @type {HTMLAnchorElement} */ (element('connect'));
    link.hidden = event.auth.status !== 'required';
    link.href = event.auth.url ?? '';
  }
  if (event.type === 'step' && event.step.approvalId) {
    const { approvalId } = event.step;
    const card = element('approval');
    card.hidden = false;
    element('approve').onclick = async () => {
      card.hidden = true;
      await post(`/v1/approvals/${approvalId}`, { decision: 'approve' });
    };
  }
  if (event.type === 'end') element('state').textContent = event.error?.message ?? 'Done';
}

element('ask').onclick = async () => {
  const state = element('state');
  try {
    await getToken();
    const run = {
      intent: element('intent').textContent,
      userId: session.userId,
      selectedCustomerIntegrationIds: ['*'],
    };
    const { runId } = await post('/v1/runs', run, { 'idempotency-key': crypto.randomUUID() });
    document.body.dataset.runId = runId;
    state.textContent = 'working';
    for await (const event of watchRun({ errandUrl: session.errandUrl, runId, getToken })) show(event);
  } catch (error) {
    state.textContent = String(error);
  }
};
