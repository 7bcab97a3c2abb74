// `pnpm check [names of guards]`: runs every guard, or those named, and prints a line for each. Any fault is an error.
import { build } from './build.mjs';
import { run } from './command.mjs';
import { look } from './guards/look.mjs';

/** @type {Record<string, string[]>} */
const programs = {
  style: ['biome', 'check', '--error-on-warnings', '--max-diagnostics=200', '.'],
  types: ['tsc', '-p', 'tsconfig.json', '--pretty', 'false'],
  dead: ['knip', '--no-progress', '--no-config-hints'],
  workspace: ['sherif', '--fail-on-warnings', '--ignore-dependency', 'typescript@5.9.3'],
  arrows: ['depcruise', '-T', 'err-long', '-c', '.dependency-cruiser.mjs', 'packages', 'apps', 'e2e', 'bench'],
  client: [process.execPath, 'packages/client/scripts/generate.mjs', '--check'],
};
const root = process.cwd();
const texts = look(root);
const guards = [...Object.keys(programs), ...Object.keys(texts)];

const wanted = process.argv.slice(2).filter((arg) => arg !== '--');
const unknown = wanted.filter((name) => !guards.includes(name));
if (unknown.length > 0) {
  console.error(`There is no guard ${unknown.join(', ')}. There are: ${guards.join(', ')}.`);
  process.exit(2);
}
let failed = 0;
/** @param {string} name @param {string[]} faults */
function tell(name, faults) {
  console.log(`${name.padEnd(12)} ${faults.length === 0 ? 'ok' : 'failed'}`);
  for (const fault of faults) console.log(`  ${fault.trim().replaceAll('\n', '\n  ')}`);
  if (faults.length > 0) failed++;
}

// The client is generated from what is built.
if (wanted.length === 0 || wanted.includes('client')) {
  const { ok, output } = await build();
  tell('build', ok ? [] : [output]);
}
const chosen = guards.filter((name) => wanted.length === 0 || wanted.includes(name));
const outcomes = chosen.map(async (name) => texts[name] ?? (await program(programs[name] ?? [])));
for (const [i, name] of chosen.entries()) tell(name, (await outcomes[i]) ?? []);
console.log(failed === 0 ? 'check: ok' : `check: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string[]} call @returns what it printed, if it found fault */
async function program([command = '', ...args]) {
  const { code, output } = await run(command, args, { cwd: root });
  // Biome ends well when it has only infos to give.
  return code === 0 && !/^Found \d+ info/m.test(output) ? [] : [output || `${command} ended with ${code}`];
}
