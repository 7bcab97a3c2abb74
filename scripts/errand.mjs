// `pnpm errand …`: the command line, `docs/cli.md`. It is built if it has never been.
import { existsSync } from 'node:fs';
import { build } from './build.mjs';

const program = new URL('../apps/cli/dist/main.js', import.meta.url);
if (!existsSync(program)) {
  const { ok, output } = await build({ names: ['@errand/cli'] });
  if (!ok) {
    console.error(output);
    process.exit(1);
  }
}
await import(program.href);
