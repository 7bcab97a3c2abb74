// `pnpm start`: installs and builds what is missing, then does the same as `errand up`.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Errand needs Node 20.19 or newer, and this is ${process.versions.node}. Install it from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  // dynamic imports, because older versions of Node cannot parse the modules
  const { start } = await import('./start/start.mjs');
  process.exit(await start(process.argv.slice(2)));
}
