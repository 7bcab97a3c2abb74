// `pnpm check [names of guards]`: runs all guards or the named ones, and prints a line for each. Any fault makes it fail; only `catalog`
// has warnings.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { run } from './command.mjs';
import { look } from './guards/look.mjs';

// Each checker of the compiler repeats the work on shared files, so more checkers than cores only cost time.
const checkers = String(Math.min(4, availableParallelism()));
/** @type {Record<string, string[]>} */
const programs = {
  style: ['biome', 'check', '--error-on-warnings', '--max-diagnostics=200', '.'],
  types: ['tsc', '-p', 'tsconfig.json', '--pretty', 'false', '--checkers', checkers],
  console: ['tsc', '-p', 'apps/console/tsconfig.json', '--pretty', 'false', '--checkers', checkers],
  react: ['tsc', '-p', 'packages/react/tsconfig.check.json', '--pretty', 'false'],
  helpdesk: ['tsc', '-p', 'apps/helpdesk/src/page/tsconfig.json', '--pretty', 'false', '--checkers', checkers],
  dead: ['knip', '--no-progress', '--no-config-hints'],
  workspace: ['sherif', '--fail-on-warnings', '--ignore-dependency', 'typescript@5.9.3'],
  dependencies: [
    'depcruise',
    '-T',
    'err-long',
    '-c',
    '.dependency-cruiser.mjs',
    'packages',
    'apps',
    'e2e',
    'bench',
    'evals',
  ],
  folders: ['depcruise', '-T', 'err-long', '-c', '.dependency-cruiser.folders.mjs', 'packages', 'apps', 'evals'],
  client: [process.execPath, 'scripts/openapi.mjs', '--check'],
  expressions: [process.execPath, fileURLToPath(new URL('guards/expressions.mjs', import.meta.url))],
  packages: [process.execPath, 'scripts/pack-packages.mjs', 'node_modules/.cache/errand/tarballs'],
  catalog: [process.execPath, fileURLToPath(new URL('../packages/catalog/scripts/check.mjs', import.meta.url))],
};
const root = process.cwd();
/** The faults by guard, from the rules of this repository. */
const ruleFaults = look(root);
const guards = [...Object.keys(programs), ...Object.keys(ruleFaults)];

const requested = process.argv.slice(2).filter((arg) => arg !== '--');
const unknown = requested.filter((name) => !guards.includes(name));
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

// The build generates the document of the contract.
if (requested.length === 0 || requested.includes('client')) {
  const { ok, output } = await build();
  tell('build', ok ? [] : [output]);
}
const chosen = guards.filter((name) => requested.length === 0 || requested.includes(name));
const outcomes = chosen.map(async (name) => ruleFaults[name] ?? (await program(programs[name] ?? [])));
for (const [i, name] of chosen.entries()) tell(name, (await outcomes[i]) ?? []);
console.log(failed === 0 ? 'check: ok' : `check: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string[]} call @returns the output if the program failed, else an empty list */
async function program([command = '', ...args]) {
  const { code, output } = await run(command, args, { cwd: root });
  for (const warning of output.match(/^warning: .*$/gm) ?? []) console.log(warning);
  // Biome exits with 0 when it reports only infos. They count as faults here.
  return code === 0 && !/^Found \d+ info/m.test(output) ? [] : [output || `${command} ended with ${code}`];
}
