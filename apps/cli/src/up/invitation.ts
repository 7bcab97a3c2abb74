import { join } from 'node:path';
import type { Running } from './early/running.mjs';

export type InvitationOptions = Running & {
  isFirst: boolean;
  dataDir: string;
  /** The command that prints the API key. */
  key: string;
  /** The command that prints another link to sign in. */
  linkCommand: string;
  planner: string;
};

/** The text for a service that has just started. */
export function invitation({ url, apiKey, crm, loginLink, ...options }: InvitationOptions): string {
  const { isFirst, dataDir, key, linkCommand, planner } = options;
  const body = JSON.stringify({
    intent: crm ? 'Which deals over 50000 does the account Northwind have, and who owns them?' : 'What can you do?',
    selectedCustomerIntegrationIds: ['*'],
    userId: 'user-123',
  });
  return `
${isFirst ? `API key        ${apiKey}\n               It is shown this once. Later: ${key}` : `API key        ${key}`}
${loginLink ? `Sign in        ${loginLink}\n               It works once, within ten minutes. Another: ${linkCommand}\n` : ''}API reference  ${url}/docs
Log            ${join(dataDir, 'server.log')}
${planner}

Try one yourself:

curl -s ${url}/v1/runs \\
  -H "x-api-key: $(${key})" \\
  -H 'content-type: application/json' -H 'prefer: wait=10' \\
  -d '${body}'

Ctrl-C stops everything.`;
}
