import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { sourceFiles } from './sources.mjs';

const meeting = 'apps/server/src/compose.ts';

/** Holds every import against .dependency-cruiser.mjs. The working folder must be `root`. */
export async function arrows(root) {
  const { default: config } = await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href);
  const { forbidden, options } = config;
  const files = sourceFiles(root).filter((file) => /^(packages|apps)\/[^/]+\/src\/|^(e2e|bench)\//.test(file));
  const { enhancedResolveOptions, ...rest } = options;
  const settings = { ...rest, ruleSet: { forbidden }, validate: true, baseDir: root };
  const { output } = await cruise(files, settings, enhancedResolveOptions);

  const faults = output.summary.violations.map(({ from, to, rule, cycle }) => {
    const way = cycle ? [from, ...cycle.map(({ name }) => name)] : [from, to];
    return `${way.join(' → ')}: ${rule.name}: ${forbidden.find(({ name }) => name === rule.name).comment}`;
  });

  for (const { source, dependencies } of output.modules) {
    const takes = (room) => dependencies.some(({ resolved }) => resolved.startsWith(`packages/${room}/`));
    if (source !== meeting && /^apps\/server\//.test(source) && takes('engine') && takes('integrations')) {
      faults.push(`${source} → engine, integrations: they meet in ${meeting} alone: pass it in from there`);
    }
  }

  // It skips without a word what it cannot read.
  const seen = new Set(output.modules.filter(({ dependencies }) => dependencies).map(({ source }) => source));
  for (const file of files) if (!seen.has(file)) faults.push(`${file}: dependency-cruiser did not read it`);
  const imports = output.summary.totalDependenciesCruised;
  if (files.length > 20 && imports < files.length)
    faults.push(`only ${imports} imports were seen: is a parser missing?`);
  return { faults, note: `${files.length} files, ${imports} imports` };
}
