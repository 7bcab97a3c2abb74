// The texts of `pnpm start` for a running service.
import { join } from 'node:path';
import { dataDir } from '../stack.mjs';

const readKey = `node -p "require('${join(dataDir, 'dev.json')}').apiKey"`;

/** @param {import('../stack.mjs').Running & { isFirst: boolean, planner: string }} started */
export function invitation({ url, apiKey, crm, loginLink, isFirst, planner }) {
  const body = JSON.stringify({
    intent: crm ? 'Which deals over 50000 does the account Northwind have, and who owns them?' : 'What can you do?',
    selectedCustomerIntegrationIds: ['*'],
    userId: 'user-123',
  });
  return `
${isFirst ? `API key        ${apiKey}\n               It is shown this once. Later: ${readKey}` : `API key        ${readKey}`}
${loginLink ? `Sign in        ${loginLink}\n               It works once, within ten minutes. Another: node apps/server/dist/login-link.js\n` : ''}API reference  ${url}/docs
Log            ${join(dataDir, 'server.log')}
${planner}

Try one yourself:

curl -s ${url}/v1/runs \\
  -H "x-api-key: $(${readKey})" \\
  -H 'content-type: application/json' -H 'prefer: wait=10' \\
  -d '${body}'

Ctrl-C stops everything.`;
}

/** @param {import('../stack.mjs').Running} running */
export const alreadyRunning = ({ url }) => `Errand already runs at ${url}, from ${dataDir}.

API key        ${readKey}
API reference  ${url}/docs
Log            ${join(dataDir, 'server.log')}

Ctrl-C in the terminal where it was started stops it.`;
