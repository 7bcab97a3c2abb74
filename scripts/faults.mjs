// `pnpm faults`: builds, lets everything go wrong, and tells which promises held. e2e/faults/main.ts says what may follow.
import { join } from 'node:path';
import { build } from './build.mjs';
import { run } from './command.mjs';

const root = join(import.meta.dirname, '..');

const built = await build();
const compiled = built.ok ? await run('tsc', ['-p', 'e2e/faults/tsconfig.json'], { cwd: root }) : undefined;
if (compiled?.code === 0) {
  const { main } = await import('../e2e/dist/faults/main.js');
  const code = await main(process.argv.slice(2).filter((arg, i) => i > 0 || arg !== '--'));
  // Left to end by itself, Node 20 was seen to go round for ever in closing what is closed.
  process.exit(code);
} else {
  console.error(built.ok ? compiled.output : built.output);
  process.exitCode = 1;
}
