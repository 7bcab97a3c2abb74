// The guard `catalog`: checks packages/catalog/entries of the current folder. A warning is no fault.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryFaults, isOutdated } from '../dist/index.js';

const folder = join('packages', 'catalog', 'entries');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
for (const name of names.sort()) {
  const text = readFileSync(join(folder, name), 'utf8');
  const faults = entryFaults({ name, text });
  for (const fault of faults) console.log(`${join(folder, name)}: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  else if (isOutdated(JSON.parse(text), new Date()))
    console.log(`warning: ${join(folder, name)}: its facts were checked more than 180 days ago`);
}
