// `pnpm check [names of guards]`: runs every guard, or those named, and prints a line for each. Any fault is an error.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { arrows } from './guards/arrows.mjs';
import { length, names, registry, unfinished } from './guards/files.mjs';
import { versions } from './guards/versions.mjs';
import { environment, outbound, status } from './guards/walls.mjs';

const root = process.cwd();
const generator = 'packages/client/scripts/generate.mjs';

// Programs, which run beside each other, and readers of our own, which run meanwhile in this process.
const guards = {
  style: () => program('biome', ['check', '--error-on-warnings', '--max-diagnostics=50', '.'], /Found \d+ infos?/),
  types: () => program('tsc', ['-p', 'tsconfig.json', '--pretty', 'false']),
  dead: () => program('knip', ['--no-progress', '--no-config-hints']),
  workspace: () => program('sherif', ['--fail-on-warnings', '--ignore-dependency', 'typescript@5.9.3']),
  client: () =>
    existsSync(join(root, generator)) ? program(process.execPath, [generator, '--check']) : { faults: [] },
  arrows: () => arrows(root),
  environment: () => environment(root),
  outbound: () => outbound(root),
  status: () => status(root),
  versions: () => versions(root),
  length: () => length(root),
  names: () => names(root),
  unfinished: () => unfinished(root),
  registry: () => registry(root),
};

const wanted = process.argv.slice(2).filter((arg) => arg !== '--');
const unknown = wanted.filter((name) => !Object.hasOwn(guards, name));
if (unknown.length > 0) {
  console.error(`There is no guard ${unknown.join(', ')}. There are: ${Object.keys(guards).join(', ')}.`);
  process.exit(2);
}

const chosen = Object.keys(guards).filter((name) => wanted.length === 0 || wanted.includes(name));
let failed = 0;

// Generated types and the document of the client come from a build.
if (wanted.length === 0 || wanted.includes('client')) {
  const { build } = await import('./build.mjs');
  const { ok, output } = await build();
  tell('build', { faults: ok ? [] : [output] });
}
const outcomes = chosen.map(async (name) => {
  try {
    return await guards[name]();
  } catch (error) {
    return { faults: [error.stack] };
  }
});
for (const [i, name] of chosen.entries()) tell(name, await outcomes[i]);

console.log(failed === 0 ? 'check: ok' : `check: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function tell(name, { faults, note }) {
  console.log(`${name.padEnd(12)} ${faults.length === 0 ? 'ok' : 'failed'}${note ? ` (${note})` : ''}`);
  for (const fault of faults) console.log(`  ${fault.trim().replaceAll('\n', '\n  ')}`);
  if (faults.length > 0) failed++;
}

async function program(command, args, sign) {
  const { code, output } = await run(command, args, { cwd: root });
  return { faults: code === 0 && !sign?.test(output) ? [] : [output || `${command} ended with ${code}`] };
}
