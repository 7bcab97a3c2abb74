import { projectFiles, read } from './sources.mjs';

// openapi-typescript needs the compiler's API, which TypeScript 7 has not.
const meant = new Set(['packages/client/package.json typescript']);

/** Every version is written once, in the catalog of pnpm-workspace.yaml. */
export function versions(root) {
  const faults = [];
  for (const file of projectFiles(root).filter((name) => /(^|\/)package\.json$/.test(name))) {
    const manifest = JSON.parse(read(root, file));
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(wanted)) {
      if (version === 'catalog:' || version.startsWith('workspace:') || meant.has(`${file} ${name}`)) continue;
      faults.push(`${file}: ${name} ${version}: write "catalog:" and the version into pnpm-workspace.yaml`);
    }
  }
  return { faults };
}
