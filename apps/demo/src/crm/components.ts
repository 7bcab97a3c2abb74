// The component schemas, in concept names.
import { dataFile } from '../data-file.ts';
import { TABLES } from './data.ts';
import { PROPERTIES } from './properties.ts';
import { type Components, pick, ref, type Schema } from './schema.ts';

/** The fields that a caller may send: `[required, optional]` to create; any of them to update. */
const WRITES: Readonly<Record<string, readonly [required: string[], optional: string[]]>> = {
  Account: [['name', 'industry', 'region', 'ownerId'], ['website']],
  Contact: [
    ['accountId', 'name', 'email'],
    ['phone', 'title'],
  ],
  Deal: [['accountId', 'name', 'amount', 'stage', 'ownerId', 'closeDate'], ['currency']],
  Activity: [
    ['type', 'accountId', 'subject', 'scheduledAt'],
    ['ownerId', 'notes', 'status'],
  ],
  Ticket: [['accountId', 'subject'], ['priority']],
};
const UPDATES = ['Account', 'Deal', 'Activity'];

const entity = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(properties).map(([name, { default: _, ...schema }]) => [name, schema])),
  required: Object.keys(properties).filter((name) => !['website', 'phone', 'title'].includes(name)),
});

const page = (name: string, plural: string): Schema => ({
  type: 'object',
  description: `A page of ${plural}.`,
  properties: {
    rows: { type: 'array', items: ref(name), description: `The ${plural} of this page.` },
    hits: { type: 'integer', description: 'How many match in all, over every page.', example: 42 },
  },
  required: ['rows', 'hits'],
});

const creation = (properties: Record<string, Schema>, [required, optional]: readonly [string[], string[]]): Schema => ({
  type: 'object',
  properties: pick(properties, [...required, ...optional]),
  required,
  additionalProperties: false,
});

const change = (properties: Record<string, Schema>, [required, optional]: readonly [string[], string[]]): Schema => ({
  type: 'object',
  description: 'The fields to change; the others stay as they are.',
  properties: entity(pick(properties, [...required, ...optional])).properties!,
  minProperties: 1,
  additionalProperties: false,
});

const pluralOf = (name: string): string =>
  Object.entries(TABLES).find(([, { noun }]) => noun === name.toLowerCase())![0];

export const components: Components = {
  ...Object.fromEntries(
    Object.entries(PROPERTIES).flatMap(([name, properties]): [string, Schema][] => {
      const writes = WRITES[name];
      return [
        [name, entity(properties)],
        [`${name}Page`, page(name, pluralOf(name))],
        ...(writes ? [[`${name}Create`, creation(properties, writes)] as [string, Schema]] : []),
        ...(writes && UPDATES.includes(name)
          ? [[`${name}Update`, change(properties, writes)] as [string, Schema]]
          : []),
      ];
    }),
  ),
  ...dataFile<Components>('components.json'),
};
