// `pnpm demo`: three errands over REST and over tRPC against the running service, or one started for the occasion.
// `pnpm demo consent`: a run that waits for the consent of a user. `pnpm demo webhooks`: ends that are told through kills, and a schedule.
import { build } from './build.mjs';
import { createStack, findRunning, importDemo } from './stack.mjs';

process.exitCode = await main().catch((error) => {
  console.error(error.message);
  return 1;
});

async function main() {
  const [what, ...others] = process.argv.slice(2).filter((arg) => arg !== '--');
  if (what === 'consent' && others.length === 0) return consent();
  if (what === 'webhooks' && others.length === 0) return webhooks();
  if (what !== undefined)
    throw new Error(`There is no demo "${[what, ...others].join(' ')}". Run: demo, demo consent, or demo webhooks.`);
  const running = await findRunning();
  if (running) return show(running);
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  const stack = createStack();
  try {
    return await show(await stack.start({ ERRAND_PORT: '0' }));
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

/** @param {import('./stack.mjs').Running} running */
async function show({ url, apiKey, crm }) {
  const { walkthrough } = await importDemo();
  const say = console.log;
  const faults = await walkthrough({ url, apiKey, say }, crm);
  for (const fault of faults) console.error(fault);
  say(faults.length === 0 ? '\nAll six runs did what they should.' : `\n${faults.length} went wrong.`);
  return faults.length === 0 ? 0 : 1;
}
