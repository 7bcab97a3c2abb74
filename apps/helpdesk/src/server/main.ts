import { createClient, TRPCClientError, WebhookRejected } from '@errand/client';
import { fastify } from 'fastify';
import { readConfig } from './config.ts';
import { mountConsents } from './consents.ts';
import { mountErrand } from './errand.ts';
import { mountHistory } from './history.ts';
import { mountPages } from './pages.ts';
import { createSessions, mountSessions } from './sessions.ts';

const { port, appUrl, sessionSecret, errandUrl, apiKey, webhookSecret } = readConfig();
const app = fastify({ bodyLimit: 16 * 1024 });
const errand = createClient({ url: errandUrl, apiKey });
const sessions = createSessions(sessionSecret, appUrl.startsWith('https:'));
const context = { app, errand, sessions };

// Browsers say where a request comes from: another site cannot use the session.
app.addHook('onRequest', async ({ method, headers }) => {
  const site = headers['sec-fetch-site'] ?? 'same-origin';
  if (method !== 'GET' && site !== 'same-origin') throw Object.assign(new Error('Not from here.'), { statusCode: 403 });
});

app.setErrorHandler((error, _, reply) => {
  const problem = error instanceof TRPCClientError ? error.data?.problem : undefined;
  const ownStatus = error instanceof WebhookRejected ? 400 : (error as { statusCode?: number }).statusCode;
  const status = problem?.status ?? ownStatus ?? 500;
  // A 401 of Errand is about the key of this server, not about the session of the user.
  if (status >= 500 || problem?.status === 401)
    return reply.status(502).send({ message: 'The assistant does not answer. Try again in a moment.' });
  return reply.status(status).send({ message: problem?.detail ?? (error as Error).message });
});

mountPages(app, errandUrl);
mountSessions(context, errandUrl);
mountErrand(context, `${appUrl}/connected`);
mountConsents(context);
mountHistory(context, webhookSecret);
await app.listen({ host: '127.0.0.1', port });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close());
// For a parent process that waits until this one is ready.
process.send?.('ready');
