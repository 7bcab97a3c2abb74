// `pnpm helpdesk`: installs and builds what is missing, starts the example product with an Errand of its own, and runs until it is stopped.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Errand needs Node 20.19 or newer, and this is ${process.versions.node}. Install it from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  // a dynamic import, because older versions of Node cannot parse the module
  const { startHelpdesk } = await import('./helpdesk/start.mjs');
  process.exit(await startHelpdesk());
}
