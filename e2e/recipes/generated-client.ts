import { createClient } from './errand/client/index.js';
import { approvalsDecide, type RunEvent, runsCreate, runsGet, runsStream } from './errand/index.js';

const { ERRAND_URL, ERRAND_API_KEY } = process.env as Record<string, string>;
const client = createClient({ baseUrl: ERRAND_URL, headers: { 'x-api-key': ERRAND_API_KEY } });

const created = await runsCreate({
  client,
  headers: { 'Idempotency-Key': crypto.randomUUID() },
  body: {
    intent: 'Log a call with Contoso for tomorrow at 10:00',
    selectedCustomerIntegrationIds: ['*'],
    userId: 'ana',
    approvalStrategy: 'ON_WRITE',
  },
});
if (!created.data) throw new Error(`${created.error.code}: ${created.error.detail}`);
const { runId } = created.data;

for await (const event of eventsOf(runId)) {
  console.log(event.seq, event.type, event.runStatus);
  if (event.type !== 'step' || event.step.approval !== 'PENDING' || !event.step.approvalId) continue;
  const path = { approvalId: event.step.approvalId };
  await approvalsDecide({ client, path, body: { decision: 'approve' }, throwOnError: true });
}
const { data: run } = await runsGet({ client, path: { runId } });
console.log(run?.status);

/** The generated stream resumes after an error, but ends where a restart of Errand ends it. So it is opened again until `end`. */
async function* eventsOf(runId: string): AsyncGenerator<RunEvent> {
  for (let lastSeq = 0; ; ) {
    const headers = { 'Last-Event-ID': String(lastSeq) };
    const { stream } = await runsStream({ client, path: { runId }, query: { progress: false }, headers });
    for await (const frame of stream) {
      // A keepalive is null, and the type of the generator does not know it.
      if (!frame || frame.type === 'progress') continue;
      lastSeq = frame.seq;
      yield frame;
      if (frame.type === 'end') return;
    }
  }
}
