// `pnpm demo`: three errands over REST and over tRPC against the running service, or one started for the occasion.
import { build } from './build.mjs';
import { findRunning, startStack } from './stack.mjs';

process.exitCode = await main().catch((error) => {
  console.error(error.message);
  return 1;
});

async function main() {
  const running = await findRunning();
  if (running) return show(running);
  const { ok, output } = await build();
  if (!ok) throw new Error(output);
  const stack = await startStack({ ERRAND_PORT: '0' });
  try {
    return await show(stack);
  } finally {
    await stack.stop();
  }
}

async function show({ url, apiKey, crm }) {
  const { walkthrough } = await import('../apps/demo/dist/index.js');
  const say = (line) => console.log(line);
  const faults = await walkthrough({ url, apiKey, say }, crm);
  for (const fault of faults) console.error(fault);
  say(faults.length === 0 ? '\nAll six runs did what they should.' : `\n${faults.length} went wrong.`);
  return faults.length === 0 ? 0 : 1;
}
