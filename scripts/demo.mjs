// `pnpm demo`: three errands over REST and over tRPC, against the running service or a temporary one. `pnpm demo actions`: previews an
// errand, saves it as an action, and runs it a hundred times without planning. `pnpm demo consent`: a run that waits for its user's
// consent. `pnpm demo webhooks`: deliveries while a process is killed, and a schedule.
import { findRunning } from '../apps/cli/src/up/early/running.mjs';
import { build } from './build.mjs';
import { dataDir, importDemo, openStack } from './stack.mjs';

process.exitCode = await main().catch((error) => {
  console.error(error.message);
  return 1;
});

async function main() {
  const [demoName, ...others] = process.argv.slice(2).filter((arg) => arg !== '--');
  if (demoName === 'consent' && others.length === 0) return consent();
  if (demoName === 'webhooks' && others.length === 0) return webhooks();
  const showing =
    demoName === undefined ? show : demoName === 'actions' && others.length === 0 ? showActions : undefined;
  if (!showing)
    throw new Error(
      `There is no demo "${[demoName, ...others].join(' ')}". Run: demo, or demo actions, consent or webhooks.`,
    );
  const running = await findRunning(dataDir);
  // The CRM of an earlier start is no part of a service with another database.
  if (running) return showing(process.env.DATABASE_URL ? { ...running, crm: undefined } : running);
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  const stack = await openStack();
  try {
    return await showing(await stack.start({ ERRAND_PORT: '0' }));
  } finally {
    await stack.stop();
  }
}

async function consent() {
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  const { demoConsent } = await import('./demo-consent.mjs');
  return demoConsent();
}

async function webhooks() {
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  const { demoWebhooks } = await import('./demo-webhooks.mjs');
  return demoWebhooks();
}

/** @param {import('../apps/cli/src/up/early/running.mjs').Running} running */
async function show({ url, apiKey, crm }) {
  const { walkthrough } = await importDemo();
  const say = console.log;
  const faults = await walkthrough({ url, apiKey, say }, crm);
  for (const fault of faults) console.error(fault);
  say(faults.length === 0 ? '\nAll six runs did what they should.' : `\n${faults.length} went wrong.`);
  return faults.length === 0 ? 0 : 1;
}

/** @param {import('../apps/cli/src/up/early/running.mjs').Running} running */
async function showActions({ url, apiKey }) {
  const { actionsWalkthrough } = await importDemo();
  const faults = await actionsWalkthrough({ url, apiKey, say: console.log });
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? '\nAll of it went as it should.' : `\n${faults.length} went wrong.`);
  return faults.length === 0 ? 0 : 1;
}
