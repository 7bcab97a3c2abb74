import { createBrowserClient } from '@errand/client/browser';

/** Asks the server of the product, which knows the user, for a user token. @returns {Promise<any>} */
async function getToken() {
  const response = await fetch('/session', { method: 'POST' });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.json();
}

/**
 * @param {string} url where Errand is
 * @param {{ show(event: object): void, showConnection(state: string): void, offer(label: string, act: () => Promise<unknown>): void }} page
 *   `offer` shows a button
 */
export function createAssistant(url, page) {
  const errand = createBrowserClient({ url, getToken });

  /** Creates a run, and shows it until it has ended. @param {string} intent */
  return async (intent) => {
    const { runId } = await errand.ask({ intent, selectedCustomerIntegrationIds: ['*'] });
    for await (const event of errand.watch(runId, { onState: page.showConnection })) {
      page.show(event);
      if (event.type === 'authentication' && event.auth.status === 'required') {
        const { customerIntegrationId, integrationName } = event.auth;
        page.offer(`Connect ${integrationName}`, () => errand.connect(customerIntegrationId));
      }
      if (event.type === 'step' && event.step.state === 'waiting' && event.step.approvalId) {
        const { approvalId } = event.step;
        page.offer('Approve', () => errand.decide(approvalId, { decision: 'approve' }));
      }
    }
  };
}
