/** Errand refused a request. `problem` is the problem document. */
export class Refused extends Error {
  /** @param {Response} response @param {{ code: string, title: string, detail?: string, remedy?: string }} problem */
  constructor({ status, headers }, problem) {
    super([problem.detail ?? problem.title, problem.remedy].filter(Boolean).join(' '));
    this.problem = problem;
    /** Whether the same request may succeed later. */
    this.isTemporary = status >= 500 || status === 429 || status === 408 || problem.code === 'request_in_progress';
    this.retryAfterMs = 1000 * Number(headers.get('retry-after'));
  }
}

/**
 * Calls Errand with `fetch` alone. Lost connections and restarts of Errand are waited for.
 * @param {{ url: string, getToken: () => Promise<string> }} options `getToken`: in a page, asks your server for a user token; on a server,
 * returns the API key
 */
export function connectTo({ url, getToken }) {
  let token = '';

  /** @param {string} path @param {RequestInit} init */
  async function sendOnce(path, init) {
    const isNewToken = token === '';
    if (isNewToken) token = await getToken();
    const response = await fetch(url + path, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
    if (response.ok) return response;
    /** @type {any} */
    const problem = await response
      .json()
      .catch(() => ({ code: 'unknown', title: `${url} answered ${response.status}.` }));
    const refusal = new Refused(response, problem);
    if (response.status === 401) {
      // A user token ends after some minutes. Another one may be valid.
      token = '';
      refusal.isTemporary = !isNewToken;
    }
    throw refusal;
  }

  /** @param {string} path @param {RequestInit} init @param {number} attempts */
  async function send(path, init, attempts) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await sendOnce(path, init);
      } catch (error) {
        const refusal = error instanceof Refused ? error : undefined;
        if (attempt === attempts || refusal?.isTemporary === false) throw error;
        // Without a refusal the connection was lost.
        await sleep(500 + 500 * Math.random() + (refusal?.retryAfterMs ?? 0));
      }
    }
  }

  /** @param {string} path @param {object} body @param {Record<string, string>} [headers] @returns {Promise<any>} */
  async function post(path, body, headers) {
    const json = { 'content-type': 'application/json', ...headers };
    return (await send(path, { method: 'POST', body: JSON.stringify(body), headers: json }, 6)).json();
  }

  return {
    /** Creates a run, and only one: every attempt has the same key. @param {object} run the body of `POST /v1/runs` */
    createRun: (run) => post('/v1/runs', run, { 'idempotency-key': crypto.randomUUID() }),

    /** The events of a run, in order and each once, until the run has ended. @param {string} runId */
    async *watchRun(runId) {
      for (let lastSeq = 0; ; await sleep(500)) {
        const headers = { 'last-event-id': String(lastSeq) };
        const response = await send(`/v1/runs/${runId}/sse?progress=false`, { headers }, Number.POSITIVE_INFINITY);
        // 204: the run has ended, and you have all of its events.
        if (response.status === 204) return;
        for await (const event of eventsAfter(lastSeq, response)) {
          lastSeq = event.seq;
          yield event;
          if (event.type === 'end') return;
        }
      }
    },

    /** Decides about a plan or a call. @param {string} approvalId @param {{ decision: 'approve' | 'deny', reason?: string }} decision */
    decide: (approvalId, decision) => post(`/v1/approvals/${approvalId}`, decision),
  };
}

/** The events of one connection, which may end early. @param {number} lastSeq @param {Response} response */
async function* eventsAfter(lastSeq, { body }) {
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = ''; ; ) {
      const { done, value } = await readWithin(60_000, reader);
      if (done) return;
      const frames = (text + value).split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        // Frames without an id, such as keepalives, are not events.
        const [, id, data] = /^id: (\d+)\n(?:.*\n)*?data: (.*)$/.exec(frame) ?? [];
        if (data !== undefined && Number(id) > lastSeq) yield JSON.parse(data);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * The next piece of a stream. `done` also if it breaks off, or if nothing arrives in time: Errand sends a keepalive each 20 seconds.
 * @param {number} ms @param {ReadableStreamDefaultReader<string>} reader
 */
async function readWithin(ms, reader) {
  const timer = setTimeout(() => reader.cancel(), ms);
  try {
    return await reader.read();
  } catch {
    return { done: true, value: undefined };
  } finally {
    clearTimeout(timer);
  }
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
