import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const { ERRAND_URL = 'http://127.0.0.1:4000', ERRAND_API_KEY = '' } = process.env;
const client = new Client({ name: 'my-agent', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
const headers = { 'x-api-key': ERRAND_API_KEY, 'x-user-id': 'ana' };
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', ERRAND_URL), { requestInit: { headers } }));

/**
 * Calls a tool. A refusal is a result with `isError`, whose text has the code and the remedy.
 * @param {string} name @param {Record<string, unknown>} args @returns {Promise<any>}
 */
async function call(name, args = {}) {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
  if (isError) throw new Error(JSON.stringify(content));
  return structuredContent;
}

const { tools } = await client.listTools();
console.log(tools.map(({ name }) => name).join(' '));

const { runId } = await call('execute_intent', {
  intent: 'Log a call with Contoso for tomorrow at 10:00',
  approvalStrategy: 'ON_WRITE',
  idempotencyKey: crypto.randomUUID(),
});
for (let isOver = false; !isOver; ) {
  const run = await call('run_status', { runId, waitSeconds: 25 });
  console.log(run.status);
  isOver = ['SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'].includes(run.status);
  for (const request of run.waitingOn) {
    console.log(request.text);
    const { approvalId } = request;
    if (approvalId) await call('decide', { approvalId, decision: 'approve', reason: 'The user agreed.' });
  }
}
await client.close();
