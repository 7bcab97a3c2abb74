import { connectTo } from './plain-fetch.js';

const { ERRAND_URL = 'http://127.0.0.1:4000', ERRAND_API_KEY = '' } = process.env;
const errand = connectTo({ url: ERRAND_URL, getToken: async () => ERRAND_API_KEY });

const { runId } = await errand.createRun({
  intent: 'Log a call with Contoso for tomorrow at 10:00',
  selectedCustomerIntegrationIds: ['*'],
  userId: 'ana',
  approvalStrategy: 'ON_WRITE',
});
for await (const event of errand.watchRun(runId)) {
  console.log(event.seq, event.type, event.runStatus);
  if (event.step?.approval === 'PENDING') await errand.decide(event.step.approvalId, { decision: 'approve' });
}
