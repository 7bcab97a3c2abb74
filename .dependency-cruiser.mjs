// The allowed imports of each package and app. Each message names the alternative.

const CONTRACT = 'packages/trpc-openapi/src/contract\\.ts$';
const [contracts, ports, plan, planner, db, engine, client] = /** @type {const} */ ([
  'packages/contracts/',
  'packages/ports/',
  'packages/plan/',
  'packages/planner/',
  'packages/db/',
  'packages/engine/',
  'packages/client/',
]);
const BASICS = 'packages/basics/';
const DECLARE = 'Declare a port in packages/ports; apps/server/src/compose.ts passes its implementation.';
const anything = ['packages/', 'apps/'];
const PROOF = '\\.test\\.tsx?$|/testing/|^(e2e|bench|evals)/';

/** @type {Record<string, [string[], string]>} folder: [allowed imports of this workspace, the alternative] */
const importRules = {
  'packages/trpc-openapi': [[], 'It is a separate product: pass its needs as arguments.'],
  'packages/basics': [[], 'It is independent of errands: pass its needs as arguments.'],
  'packages/contracts': [[CONTRACT], 'The contract is the bottom: move its needs into it.'],
  'packages/ports': [[contracts], 'A port uses only types of the contract: describe the rest by its shape.'],
  'packages/catalog': [[contracts, ports], 'It holds facts: the api uses them through the port in packages/ports.'],
  'packages/plan': [[contracts], 'The plan language depends only on the contract: pass the rest as an argument.'],
  'packages/db': [[contracts], 'The database stores data of the contract: decisions belong to engine.'],
  'packages/engine': [[contracts, ports, plan, db], DECLARE],
  'packages/planner': [[contracts, ports, plan], DECLARE],
  'packages/planner-english': [
    [contracts, plan, planner],
    'It is a plug-in without a model and without a network: pass its needs in the request.',
  ],
  'packages/integrations': [
    [contracts, ports],
    'Implement a port of packages/ports; apps/server/src/compose.ts passes it to engine and api.',
  ],
  'packages/api': [[contracts, ports, plan, db, engine, 'packages/trpc-openapi/'], DECLARE],
  'packages/toolbox': [
    [contracts, ports, plan, db, 'packages/integrations/', 'packages/trpc-openapi/'],
    'It implements ports; only apps/server/src/compose.ts imports it.',
  ],
  'packages/client': [[contracts, CONTRACT], 'A client depends on the contract, never on the server.'],
  'apps/server': [['packages/', 'apps/demo/'], 'The server wires packages; apps are started, not imported.'],
  'apps/console': [[contracts, client], 'Pages run in a browser: they call the service by @errand/client.'],
  'apps/demo': [[contracts, client], 'The demo is an outside caller of the service: use @errand/client.'],
  e2e: [anything, 'Import apps and packages by their names.'],
  bench: [[...anything, 'evals/'], 'Import apps and packages by their names.'],
  evals: [anything, 'Import apps and packages by their names.'],
};

/** @type {Record<string, string[]>} Packages that only the tests of a folder may import. */
const testedWith = { 'packages/integrations': [planner] };

const arrows = Object.entries(importRules).flatMap(([folder, [allowed, instead]]) => {
  const arrow = (/** @type {object} */ from, /** @type {string[]} */ more) => ({
    name: `arrow-${folder.split('/').at(-1)}`,
    comment: instead,
    severity: 'error',
    from,
    to: {
      path: '^(packages|apps|e2e|bench|evals)/',
      pathNot: [`${folder}/`, ...(folder.endsWith('trpc-openapi') ? [] : [BASICS]), ...allowed, ...more].map(
        (path) => `^${path}`,
      ),
    },
  });
  const tested = testedWith[folder];
  if (!tested) return [arrow({ path: `^${folder}/` }, [])];
  return [arrow({ path: `^${folder}/`, pathNot: PROOF }, []), arrow({ path: `^${folder}/.*(${PROOF})` }, tested)];
});

/** Matches a library by its name, installed or not. @param {string[]} names */
const library = (...names) => `(^|node_modules/)(${names.join('|')})(/|$)`;

export const options = {
  parser: 'tsc',
  tsPreCompilationDeps: true,
  exclude: { path: '/src/generated/|/scripts/|^(e2e|bench|evals)/dist/' },
  doNotFollow: { path: 'node_modules|/dist/' },
  enhancedResolveOptions: {
    conditionNames: ['errand-source', 'import', 'node', 'types', 'default'],
    exportsFields: ['exports'],
    extensions: ['.ts', '.tsx', '.mjs', '.js', '.d.ts'],
  },
};

export default {
  forbidden: [
    ...arrows,
    {
      name: 'known-package',
      comment: 'Add the allowed imports of a new package or app to .dependency-cruiser.mjs.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: Object.keys(importRules).map((folder) => `^${folder}/`) },
      to: {},
    },
    {
      name: 'no-cycle',
      comment: 'Move the shared part into a third file, or pass it as an argument.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-deep-import',
      comment: 'Import the package by its name, and use only its exports.',
      severity: 'error',
      from: { path: '^((?:packages|apps)/[^/]+|e2e|bench|evals)/' },
      to: { path: '^(packages|apps|e2e|bench|evals)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-inner-index',
      comment: 'Only the entry of a package is an index.ts; import the files themselves.',
      severity: 'error',
      from: { path: '^((?:packages|apps)/[^/]+)/' },
      to: { path: '^$1/src/.+/index\\.ts$', pathNot: '/(testing|embedded|rest)/index\\.ts$' },
    },
    {
      name: 'no-unresolved',
      comment: 'The file, package or export does not exist. Check package.json, and the exports of the package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'planner-english-is-a-plug-in',
      comment: 'Plan through the Planner port: only apps/server/src/planning/thread.ts loads the built-in planner.',
      severity: 'error',
      from: {
        pathNot: '^packages/planner-english/|^apps/server/src/planning/thread\\.ts$',
      },
      to: { path: '^packages/planner-english/' },
    },
    {
      name: 'original-by-hand',
      comment: 'A client of the original is independent of this contract: write the documented fields by hand.',
      severity: 'error',
      from: { path: '^e2e/original/' },
      to: { path: '^packages/(contracts|client)/' },
    },
    {
      name: 'prisma-in-db',
      comment: 'Ask a repository of @errand/db (forWorkspace); Prisma stays inside packages/db.',
      severity: 'error',
      from: { pathNot: '^packages/db/' },
      to: { path: library('@prisma', 'prisma', '\\.prisma') },
    },
    {
      name: 'trpc-in-its-packages',
      comment: 'Describe an operation in packages/contracts, or call @errand/client; tRPC stays behind them.',
      severity: 'error',
      from: { pathNot: '^packages/(trpc-openapi|api|client)/' },
      to: { path: library('@trpc') },
    },
    {
      name: 'agents-in-api',
      comment: 'Describe a tool for agents in packages/contracts/src/agents; packages/api/src/mcp serves it.',
      severity: 'error',
      from: { pathNot: `^packages/api/src/mcp/|^apps/demo/|${PROOF}` },
      to: { path: library('@modelcontextprotocol/server') },
    },
    {
      name: 'mcp-in-integrations',
      comment: 'Call callMcpTool or listMcpTools: only packages/integrations/src/mcp calls MCP servers.',
      severity: 'error',
      from: { pathNot: `^packages/integrations/src/mcp/|${PROOF}` },
      to: { path: library('@modelcontextprotocol/client') },
    },
    {
      name: 'outside-in-integrations',
      comment: 'Documents, models and remote tools belong to packages/integrations: declare a port.',
      severity: 'error',
      from: { pathNot: `^packages/integrations/|^apps/demo/|${PROOF}` },
      to: {
        path: `${library(
          'ai',
          '@ai-sdk',
          'yaml',
          '@openapi-contrib',
          '@seriousme/openapi-schema-validator',
          '@modelcontextprotocol/client',
          'openid-client',
          'oauth4webapi',
        )}|@modelcontextprotocol/sdk/(dist/(esm|cjs)/)?client`,
      },
    },
    {
      name: 'undici-in-egress',
      comment: 'Call out through packages/integrations/src/egress, which guards addresses.',
      severity: 'error',
      from: { pathNot: `^packages/integrations/src/egress/|${PROOF}` },
      to: { path: library('undici') },
    },
    {
      name: 'no-built-files',
      comment: 'Import the source; only threads and child processes are started from dist/, by their URL.',
      severity: 'error',
      from: {},
      to: { path: '^(packages|apps)/[^/]+/dist/' },
    },
    {
      name: 'no-test-in-program',
      comment: 'Programs cannot import tests: move the shared part out of them.',
      severity: 'error',
      from: { pathNot: PROOF },
      to: { path: '\\.test\\.tsx?$|/testing/' },
    },
  ],
  options,
};
