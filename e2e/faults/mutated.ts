// The shipped program without one of its rules: `mutated.js RULE`, instead of apps/server/dist/main.js.
import { activationStatements, brokenRules, missed, mutateClients } from './mutations.ts';
import { acceptReadOnly } from './read-only-connections.ts';
import { program } from './service.ts';

/** @returns the reason why the rule cannot be broken */
async function breakRule(word: string | undefined): Promise<string | undefined> {
  if (word === 'accepts_read_only') {
    acceptReadOnly((what) => console.log(`Mutated: ${what} goes out with ${word}.`));
    return undefined;
  }
  const rule = brokenRules.find((candidate) => candidate === word);
  if (!rule) return `Name the rule to break: one of ${brokenRules.join(', ')}.`;
  const misses = missed(rule, await activationStatements());
  if (misses.length > 0) return `${rule} breaks nothing, mend e2e/faults/mutations.ts: ${misses.join(' ')}`;
  mutateClients(rule, (name) => console.log(`Mutated: ${name} goes out with ${rule}.`));
  return undefined;
}

const failure = await breakRule(process.argv[2]);
if (failure === undefined) {
  // The program reads its own arguments.
  process.argv.splice(2, 1);
  await import(program.href);
} else {
  console.error(failure);
  process.exitCode = 1;
}
