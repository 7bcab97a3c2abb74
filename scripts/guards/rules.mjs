// Rules about names and texts that neither Biome nor dependency-cruiser can check. Each message names the alternative.

/**
 * @typedef {object} Rule
 * @property {RegExp} files the paths to check
 * @property {RegExp} [except] exempt paths
 * @property {RegExp} [text] the forbidden text; without it, the paths themselves are forbidden
 * @property {string} say
 */

const sources = /\.(ts|tsx|mjs|py)$/;
const program = /^(packages|apps)\/.*\.tsx?$/;
const proof = /\.test\.tsx?$|\/testing\/|\/scripts\//;
const REGISTRY = 'name no registry: each machine configures its own';
const TRANSITION = 'a run changes through transition() of packages/engine/src/model/transition.ts';

/** The functions of @errand/db that write a run's status and events, and the one file that may use each. */
export const writers = {
  applyTransition: 'packages/engine/src/model/transition.ts',
  claimRuns: 'packages/engine/src/queue/dequeuer.ts',
  createRun: 'packages/engine/src/runs/create.ts',
  decideRequest: 'packages/engine/src/decisions/answer/decide.ts',
};

/** @type {Record<string, Rule[]>} */
export const rules = {
  names: [
    {
      files: /(^|\/)(shared|core|common|libs?|utils?|helpers?|misc)([./]|$)|[-_.](util|helper)s?\.|(^|\/)types\.[^/]*$/,
      say: 'this name is too general; name the subject of the file',
    },
  ],
  meeting: [
    {
      files: /^apps\/server\/src\//,
      except: /^apps\/server\/src\/compose\.ts$|\.test\.ts$/,
      text: /'@errand\/engine'[\s\S]*'@errand\/integrations'/,
      say: 'engine and integrations meet in apps/server/src/compose.ts; pass it in from there',
    },
  ],
  status: [
    {
      files: program,
      except: /^packages\/db\/src\/(runs|retention)\/|\.test\.ts$|\/testing\//,
      text: /\b(update|insert\s+into|delete\s+from|merge\s+into)\s+(only\s+)?(\w+\.)?"?run(_event)?"?(?![\w"])/i,
      say: TRANSITION,
    },
    { files: program, except: proof, text: /\.(run|runEvent)\.(create|update|upsert|delete)/, say: TRANSITION },
    { files: program, except: proof, text: /\*( as \w+)? from '@errand\/db'|import\('@errand\/db'\)/, say: TRANSITION },
    ...Object.entries(writers).map(([name, file]) => ({
      files: program,
      except: new RegExp(`${proof.source}|^${file}$`),
      text: new RegExp(`^(im|ex)port \\{[^}]*(?<!type )\\b${name}\\b[^}]*\\} from '@errand/db'`, 'm'),
      say: TRANSITION,
    })),
  ],
  versions: [
    {
      files: /(^|\/)package\.json$/,
      // openapi-typescript needs the compiler's API, which TypeScript 7 does not have.
      text: /^ {4}"(?!node"|typescript": "5\.9\.3")[^"]+": "([~^<>=*\d]|npm:|file:|link:|git|https?:)/m,
      say: 'write "catalog:", and the version into pnpm-workspace.yaml',
    },
  ],
  python: [
    { files: /\.py$/, text: /^.{101,}$/m, say: 'a line of Python has at most 100 columns' },
    { files: /\.py$/, text: /[ \t]+$|\t/m, say: 'indent with spaces, and end no line with one' },
    {
      files: /\.py$/,
      text: /^\s*(import (requests|httpx|aiohttp|pydantic)|from (requests|httpx|aiohttp|pydantic))\b/m,
      say: 'the Python client needs the standard library alone',
    },
    {
      files: /\.py$/,
      text: /\b(verify=False|_create_unverified_context|CERT_NONE)\b/,
      say: 'certificates are always checked',
    },
  ],
  unfinished: [
    { files: sources, text: /\b(TODO|FIXME|XXX)\b/, say: 'finish it, or record it with the planned work' },
    { files: sources, text: /\b(it|test|describe)\.todo\b/, say: 'write the test, or delete it' },
    { files: sources, text: /@ts-nocheck\b/, say: 'fix the types' },
  ],
  registry: [
    { files: /./, text: /registry\.(npmjs|yarnpkg|npmmirror)\.|npm\.pkg\.github\.|npm\.jsr\.io/i, say: REGISTRY },
    { files: /\.npmrc$|\.(ya?ml|toml|sh)$/, text: /^\s*(@[\w-]+:)?registry\s*=/m, say: REGISTRY },
    {
      files: /^pnpm-lock\.yaml$/,
      text: /\btarball:\s*\S*:\/\//,
      say: `${REGISTRY}: delete the address, install again`,
    },
  ],
};
