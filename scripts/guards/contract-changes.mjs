// Compares two contracts: from which changes may a client of the first one break?

/**
 * @typedef {Record<string, any>} Schema of JSON Schema
 * @typedef {Map<string, any>} Contract schemas by name, and the `request` and `answer` of operations by method and path
 * @typedef {{ before: Contract, after: Contract, isRequest: boolean, compared: Map<string, Change[]> }} Context
 * @typedef {{ place: string, text: string }} Change
 */

/** Upper bounds have the sign 1. */
const BOUNDS = Object.entries({ maxLength: 1, maximum: 1, maxItems: 1, minLength: -1, minimum: -1, minItems: -1 });

/** @param {Contract} before @param {Contract} after @returns {Change[]} */
export function changesOf(before, after) {
  const ofRequests = { before, after, isRequest: true, compared: new Map() };
  const ofAnswers = { ...ofRequests, isRequest: false, compared: new Map() };
  const changes = [...before].flatMap(([place, { request, answer }]) => {
    if (!request) return [];
    const next = after.get(place);
    if (!next) return [{ place, text: 'the operation is gone' }];
    return [...compare(ofRequests, request, next.request, place), ...compare(ofAnswers, answer, next.answer, place)];
  });
  return [...new Map(changes.map((change) => [`${change.place}: ${change.text}`, change])).values()];
}

/** @param {Context} context @param {Schema} before @param {Schema} after @param {string} place @returns {Change[]} */
function compare(context, before, after, place) {
  const [olds, news] = [alternativesOf(before, context.before), alternativesOf(after, context.after)];
  const became = (/** @type {Schema[]} */ kinds) => [
    { place, text: `${kinds.map(kindOf).join(' or ')} became ${news.map(kindOf).join(' or ') || 'nothing'}` },
  ];
  const isNew = (/** @type {Schema} */ each) => !olds.some((old) => covers(old.type, each.type));
  if (!context.isRequest && olds.length > 0 && (news.length === 0 || news.some(isNew))) return became(olds);
  return olds.flatMap((old) => {
    const ofType = news.filter(({ type }) => (context.isRequest ? covers(type, old.type) : covers(old.type, type)));
    // Answers may have fewer types.
    if (ofType.length === 0 && !context.isRequest) return [];
    const isUnion = olds.length > 1 || ofType.length > 1;
    const candidates = ofType.filter((each) => !isUnion || hasTags(each, old));
    const all = candidates.map((each) => compareAlternatives(context, old, each, place));
    return all.sort((a, b) => a.length - b.length)[0] ?? became([old]);
  });
}

/** Whether an alternative may have the values that distinguish another one. @param {Schema} each @param {Schema} old */
const hasTags = (each, old) =>
  Object.entries(old.properties ?? {}).every(([key, schema]) => {
    const [[tag, ...others], values] = [valuesOf(schema), valuesOf(each.properties?.[key])];
    return tag === undefined || others.length > 0 || values.length === 0 || values.includes(tag);
  });

/** The only values, if they are listed. @param {Schema | undefined} schema @returns {unknown[]} */
const valuesOf = (schema) => schema?.enum ?? (schema && 'const' in schema ? [schema.const] : []);

const covers = (/** @type {string} */ wide, /** @type {string} */ narrow) =>
  wide === narrow || wide === 'any' || (wide === 'number' && narrow === 'integer');

/** @param {Schema} alternative */
const kindOf = ({ type, properties = {} }) =>
  [type, ...Object.values(properties).flatMap((each) => (valuesOf(each).length === 1 ? valuesOf(each) : []))].join(' ');

/** @param {Context} context @param {Schema} old @param {Schema} each @param {string} path @returns {Change[]} */
function compareAlternatives(context, old, each, path) {
  const { compared, isRequest } = context;
  const key = JSON.stringify([old, each]);
  const known = compared.get(key);
  if (known) return known;
  // Schemas contain themselves.
  compared.set(key, []);
  const isNamed = old.name !== undefined && old.name === each.name;
  const place = isNamed ? old.name : path;
  const texts = valueChanges(old, each, isRequest);
  const changes = [...texts.map((text) => ({ place, text })), ...compareParts(context, old, each, place)];
  // Changes without a name are reported at each path.
  if (isNamed) compared.set(key, changes);
  else compared.delete(key);
  return changes;
}

/** @param {Schema} old @param {Schema} each @param {boolean} isRequest @returns {string[]} */
function valueChanges(old, each, isRequest) {
  const expected = each.enum ? (old.enum ?? (isRequest ? ['others'] : [])) : [];
  const gone = expected.filter((/** @type {unknown} */ value) => !each.enum.includes(value));
  const texts = gone.length > 0 ? [`values are gone: ${gone.join(', ')}`] : [];
  if (!isRequest) return texts;
  if (each.format && each.format !== old.format) texts.push(`it must be ${each.format}`);
  // A text of a format is not empty.
  /** @type {Schema} */
  const limits = { ...old, minLength: old.minLength ?? (old.format ? 1 : 0), minItems: old.minItems ?? 0 };
  const narrower = BOUNDS.filter(
    ([bound, sign]) => sign * each[bound] < sign * (limits[bound] ?? sign * Number.POSITIVE_INFINITY),
  );
  return [...texts, ...narrower.map(([bound]) => `${bound} became ${each[bound]}`)];
}

/** @param {Context} context @param {Schema} old @param {Schema} each @param {string} place @returns {Change[]} */
function compareParts(context, old, each, place) {
  const at = (/** @type {string} */ key) => (/^[A-Z]+ \S+$/.test(place) ? `${place} ${key}` : `${place}.${key}`);
  const next = each.properties ?? {};
  const properties = Object.entries(old.properties ?? {}).flatMap(([key, schema]) =>
    key in next ? compare(context, schema, next[key], at(key)) : [{ place: at(key), text: 'it is gone' }],
  );
  const [some, all] = context.isRequest ? [old, each] : [each, old];
  const text = context.isRequest ? 'it is required' : 'it may be absent';
  const required = (all.required ?? [])
    .filter((/** @type {string} */ key) => !some.required?.includes(key) && key in next)
    .map((/** @type {string} */ key) => ({ place: at(key), text }));
  const parts = [
    [old.items, each.items, `${place}[]`],
    [old.additionalProperties, each.additionalProperties, at('*')],
  ].filter(([a, b]) => typeof a === 'object' && typeof b === 'object');
  return [...properties, ...required, ...parts.flatMap(([a, b, path]) => compare(context, a, b, path))];
}

/** @param {Schema} schema @param {Contract} contract @returns {Schema[]} without references, each of one type */
function alternativesOf(schema, contract) {
  const { $ref, anyOf, oneOf = anyOf, allOf = [], const: only, ...rest } = schema;
  if (only !== undefined) rest.enum = [only];
  const type = rest.type ?? (rest.properties && 'object') ?? (rest.enum ? typeof rest.enum[0] : 'any');
  const parts = allOf.map((/** @type {Schema} */ each) => alternativesOf(each, contract));
  if (oneOf) parts.push(oneOf.flatMap((/** @type {Schema} */ each) => alternativesOf(each, contract)));
  if ($ref) {
    const name = $ref.split('/').at(-1);
    const target = alternativesOf(contract.get(name) ?? {}, contract);
    parts.push(target.length === 1 ? [{ ...target[0], name }] : target);
  }
  const own = [type].flat().map((each) => ({ ...rest, type: each }));
  return parts.reduce(
    (/** @type {Schema[]} */ sum, /** @type {Schema[]} */ part) => sum.flatMap((a) => part.map((b) => merged(a, b))),
    own,
  );
}

/** @param {Schema} a @param {Schema} b @returns {Schema} of a value that is valid for both */
const merged = (a, b) => ({
  ...a,
  ...b,
  type: b.type === 'any' ? a.type : b.type,
  properties: { ...a.properties, ...b.properties },
  required: [...(a.required ?? []), ...(b.required ?? [])],
  name: a.type === 'any' ? b.name : b.type === 'any' ? a.name : undefined,
});
