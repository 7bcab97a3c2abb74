/**
 * The events of a run, in order and each exactly once, until the run has ended. Survives lost connections, restarts of Errand, and the
 * end of the token.
 * @param {{ errandUrl: string, runId: string, getToken: () => Promise<string> }} options `getToken` asks your server for a new token
 */
export async function* watchRun({ errandUrl, runId, getToken }) {
  let lastSeq = 0;
  let token = '';
  for (;;) {
    let waitMs = 500 + 500 * Math.random();
    try {
      token ||= await getToken();
      const response = await openStream(`${errandUrl}/v1/runs/${runId}/sse?progress=false`, token, lastSeq);
      // The run has ended, and you have all of its events.
      if (response.status === 204) return;
      if (response.status === 401) token = '';
      waitMs += 1000 * Number(response.headers.get('retry-after'));
      for await (const event of eventsAfter(lastSeq, response)) {
        lastSeq = event.seq;
        yield event;
        if (event.type === 'end') return;
      }
    } catch (error) {
      // Otherwise Errand, your server or the network does not answer: try again.
      throwIfRefused(error);
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** A refusal that another attempt would not change. */
export class Refused extends Error {}

/** @param {unknown} error */
function throwIfRefused(error) {
  if (error instanceof Refused) throw error;
}

/** @param {string} url @param {string} token @param {number} lastSeq */
async function openStream(url, token, lastSeq) {
  const resume = lastSeq > 0 ? { 'last-event-id': String(lastSeq) } : undefined;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, ...resume } });
  if ([400, 403, 404].includes(response.status)) throw new Refused(await response.text());
  return response;
}

/** @param {number} lastSeq @param {Response} response */
async function* eventsAfter(lastSeq, { ok, body }) {
  if (!ok || !body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (text + value).split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      // Frames without an id, such as keepalives, are not events.
      const [, id, data] = /^id: (\d+)\n(?:.*\n)*?data: (.*)$/.exec(frame) ?? [];
      if (data !== undefined && Number(id) > lastSeq) yield JSON.parse(data);
    }
  }
}
