// Clients of the last release call this version, so docs/upgrading.md names each change of the contract that may break them.
import { changesOf } from './contract-changes.mjs';

export const RELEASED_CONTRACT = 'openapi-released.txt';
const UPGRADING = 'docs/upgrading.md';
/** Keywords that no comparison needs. Properties with such names have an object. */
const WORDS = new Set(['description', 'examples', 'default', 'pattern', 'errorCode', 'discriminator', 'title']);

/** @typedef {import('./contract-changes.mjs').Schema} Schema */
/** @typedef {import('./contract-changes.mjs').Contract} Contract */

/** @param {{ path: string, text: string }[]} files of the project @returns a fault for each change without an entry */
export function unexplainedChanges(files) {
  const textOf = (/** @type {string} */ path) => files.find((file) => file.path === path)?.text ?? '';
  const [title = '', ...lines] = textOf(RELEASED_CONTRACT).trim().split('\n');
  const release = /^# The contract of release (\S+),/.exec(title)?.[1];
  if (release === undefined) return [`${RELEASED_CONTRACT} is missing; node scripts/record-release.mjs writes it`];
  const released = new Map(lines.map((line) => /** @type {[string, any]} */ (JSON.parse(line))));
  const heading = `### From ${release}`;
  const entries = textOf(UPGRADING).split(`\n${heading}\n`)[1]?.split(/^#/m)[0] ?? '';
  return changesOf(released, contractOf(JSON.parse(textOf('openapi.json')))).flatMap(({ place, text }) =>
    entries.includes(`\`${place}\``)
      ? []
      : [
          `openapi.json: ${place}: ${text}. Clients of ${release} may break: undo the change, or name \`${place}\` under "${heading}" of ${UPGRADING}`,
        ],
  );
}

/** @param {any} document @param {string} version @returns the text of `RELEASED_CONTRACT` */
export function releasedText(document, version) {
  const title = `# The contract of release ${version}, without descriptions. \`node scripts/record-release.mjs\` writes this file when a version is made.`;
  const isWord = (/** @type {string} */ key, /** @type {unknown} */ value) =>
    WORDS.has(key) && (typeof value !== 'object' || Array.isArray(value));
  const lines = [...contractOf(document)].map((line) =>
    JSON.stringify(line, (key, value) => (isWord(key, value) ? undefined : value)),
  );
  return `${[title, ...lines].join('\n')}\n`;
}

/** @param {any} document of OpenAPI @returns {Contract} */
function contractOf({ paths, components }) {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => item[method].responses)
      .map((method) => /** @type {[string, any]} */ ([`${method.toUpperCase()} ${path}`, partsOf(item[method])])),
  );
  return new Map([...operations, ...Object.entries(components?.schemas ?? {})]);
}

/** @param {any} operation @returns {{ request: Schema, answer: Schema }} as objects with parameters and statuses as properties */
function partsOf({ parameters = [], requestBody, responses, 'x-required-scope': scope = 'none' }) {
  const inputs = parameters.map((/** @type {any} */ each) => ({ ...each, key: `${each.in} ${each.name}` }));
  if (requestBody) inputs.push({ ...requestBody, key: 'body', schema: contentOf(requestBody) });
  inputs.push({ key: 'scope', schema: { enum: [scope] } });
  const answers = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
  return {
    request: {
      properties: Object.fromEntries(inputs.map((/** @type {any} */ { key, schema }) => [key, schema])),
      required: inputs.flatMap((/** @type {any} */ { key, required }) => (required ? [key] : [])),
    },
    answer: { properties: Object.fromEntries(answers.map(([status, answer]) => [status, contentOf(answer)])) },
  };
}

/** @param {any} part @returns {Schema} of any media type */
const contentOf = ({ content = {} }) => ({
  anyOf: Object.values(content).map((/** @type {any} */ { schema = {} }) => schema),
});
