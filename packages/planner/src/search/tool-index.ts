import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { follow } from '../follow.ts';
import { nameWords, searchWords } from './words.ts';

const MAX_DESCRIPTION = 400;
/** Weight of a word in the name of an argument or output field, relative to a word of the tool's own text. */
const FIELD_WEIGHT = 0.3;
const MAX_FIELDS = 80;
const MAX_DEPTH = 4;

/** The documents of a word, and its count in each. */
export type Postings = { documents: number[]; counts: number[] };

/** The words of some tools for BM25. A tool is a document, by its position. */
export class ToolIndex {
  readonly postings = new Map<string, Postings>();
  readonly lengths: Float64Array;
  readonly totalLength: number;
  /** By document: the nouns of the ids it needs. */
  readonly needs: readonly (readonly string[])[];
  /** By document: whether it can be called without any id. */
  readonly isEntry: readonly boolean[];
  /** Approximate size in memory. */
  readonly bytes: number;

  constructor(tools: readonly ToolSpec[]) {
    this.lengths = new Float64Array(tools.length);
    this.needs = tools.map(neededIds);
    this.isEntry = tools.map(({ effect }, i) => effect === 'read' && this.needs[i]!.length === 0);
    let entries = 0;
    for (const [document, tool] of tools.entries()) {
      const counts = new Map<string, number>();
      const count = (word: string, weight: number) => counts.set(word, (counts.get(word) ?? 0) + weight);
      const words = searchWords(textOf(tool));
      for (const word of words) count(word, 1);
      for (const schema of [tool.inputSchema, tool.outputSchema])
        for (const word of new Set(fieldNames(schema).flatMap(searchWords))) count(word, FIELD_WEIGHT);
      this.lengths[document] = words.length;
      entries += counts.size;
      for (const [word, times] of counts) this.#add(word, document, times);
    }
    this.totalLength = this.lengths.reduce((sum, length) => sum + length, 0);
    this.bytes = 100 + entries * 16 + this.postings.size * 100 + tools.length * 100;
  }

  get size(): number {
    return this.lengths.length;
  }

  #add(word: string, document: number, times: number): void {
    const list = this.postings.get(word);
    if (list) {
      list.documents.push(document);
      list.counts.push(times);
    } else this.postings.set(word, { documents: [document], counts: [times] });
  }
}

const textOf = ({ operation, title = '', integrationName, description, path = '' }: ToolSpec): string =>
  [operation, title, integrationName, description.slice(0, MAX_DESCRIPTION), path].join(' ');

type Shape = {
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  allOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
};
const shapeOf = (schema: JsonSchema | undefined): Shape =>
  typeof schema === 'object' && schema !== null ? (schema as Shape) : {};

function fieldNames(schema: JsonSchema = {}): string[] {
  const names = new Set<string>();
  const visit = (node: JsonSchema | undefined, depth: number): void => {
    if (node === undefined || depth > MAX_DEPTH || names.size >= MAX_FIELDS) return;
    const { properties = {}, items, allOf = [], anyOf = [], oneOf = [] } = shapeOf(follow(node, schema));
    for (const [name, child] of Object.entries(properties)) {
      if (names.size < MAX_FIELDS) names.add(name);
      visit(child, depth + 1);
    }
    for (const child of [items, ...allOf, ...anyOf, ...oneOf]) visit(child, depth + 1);
  };
  visit(schema, 0);
  return [...names];
}

/** The nouns of the ids a tool needs: `movie` for a required `movie_id`; for a bare `id`, the segment of the path before it. */
function neededIds({ inputSchema, path = '' }: ToolSpec): string[] {
  const segments = path.split('/');
  return Object.values(shapeOf(inputSchema).properties ?? {}).flatMap((group) =>
    (shapeOf(group).required ?? []).flatMap((name) => {
      const words = nameWords(name);
      if (words.at(-1) !== 'id') return [];
      if (words.length > 1) return words.slice(0, -1);
      return nameWords(segments[segments.indexOf(`{${name}}`) - 1] ?? '');
    }),
  );
}
