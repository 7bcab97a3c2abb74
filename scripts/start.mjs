// `pnpm start`: builds what is needed, starts everything, shows a first errand, and stays until it is stopped.
import { build } from './build.mjs';
import { dataDir, findRunning, startStack } from './stack.mjs';

const say = (line) => console.log(line);

process.exitCode = await main().catch((error) => {
  console.error(error.message);
  return 1;
});

async function main() {
  const running = await findRunning();
  if (running) throw new Error(`Errand is already running at ${running.url} (from ${dataDir}). Stop it first.`);
  const { ok, output } = await build();
  if (!ok) throw new Error(output);

  const stopped = new Promise((done) => {
    process.on('SIGINT', done).on('SIGTERM', done);
  });
  const stack = await startStack();
  const crashed = stack.ended.then(() => 'crashed');
  try {
    say(`Errand is ready at ${stack.url}`);
    if (stack.crm) {
      say('\nA first errand, with the demo CRM:');
      const { welcome } = await import('../apps/demo/dist/index.js');
      await Promise.race([welcome({ ...stack, say }), stopped, crashed]);
    }
    say(invitation(stack));
    if ((await Promise.race([stopped, crashed])) === 'crashed') {
      throw new Error(`The service has ended by itself; ${dataDir}/server.log says why.`);
    }
    say('\nStopping …');
  } finally {
    await stack.stop();
  }
  return 0;
}

function invitation({ url, apiKey, crm }) {
  return `
API reference  ${url}/docs
Log            ${dataDir}/server.log

Try one yourself:

curl -s ${url}/v1/runs \\
  -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' -H 'prefer: wait=10' \\
  -d '${JSON.stringify({
    intent: crm ? 'Which deals over 50000 does the account Northwind have, and who owns them?' : 'What can you do?',
    selectedCustomerIntegrationIds: ['*'],
    userId: 'user-123',
  })}'

Ctrl-C stops everything.`;
}
