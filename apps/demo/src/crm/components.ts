// The component schemas, in concept names.
import { money, PROPERTIES } from './properties.ts';
import { type Components, pick, ref, type Schema } from './schema.ts';

/** What a caller may send: `[required, optional]` when creating; any of both when updating. */
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

const PLURALS: Readonly<Record<keyof typeof PROPERTIES, string>> = {
  Account: 'accounts',
  Contact: 'contacts',
  User: 'users',
  Deal: 'deals',
  Sale: 'sales',
  Activity: 'activities',
  Ticket: 'tickets',
  Product: 'products',
};

export const components: Components = {
  ...Object.fromEntries(
    Object.entries(PROPERTIES).flatMap(([name, properties]): [string, Schema][] => {
      const writes = WRITES[name];
      return [
        [name, entity(properties)],
        [`${name}Page`, page(name, PLURALS[name as keyof typeof PROPERTIES])],
        ...(writes ? [[`${name}Create`, creation(properties, writes)] as [string, Schema]] : []),
        ...(writes && UPDATES.includes(name)
          ? [[`${name}Update`, change(properties, writes)] as [string, Schema]]
          : []),
      ];
    }),
  ),
  SalesSummary: {
    type: 'object',
    description: 'Sales of one quarter, in all and by region.',
    properties: {
      period: { type: 'string', description: 'Quarter and year.', example: 'Q4 2023' },
      currency: { type: 'string', enum: ['USD'], description: 'Currency of every figure.', example: 'USD' },
      totalRevenue: money('Revenue of the whole quarter.'),
      byRegion: {
        type: 'array',
        description: 'Revenue of each region, the largest first.',
        items: ref('RegionRevenue'),
      },
    },
    required: ['period', 'currency', 'totalRevenue', 'byRegion'],
  },
  RegionRevenue: {
    type: 'object',
    properties: {
      region: { type: 'string', description: 'Name of the region.', example: 'EMEA' },
      revenue: money('Revenue of the region.'),
    },
    required: ['region', 'revenue'],
  },
  Error: {
    type: 'object',
    properties: {
      error: {
        type: 'object',
        properties: {
          code: { type: 'string', description: 'Stable word for programs.', example: 'invalid_request' },
          message: { type: 'string', description: 'One sentence for people.' },
          details: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                path: { type: 'string', description: 'The parameter, or the JSON pointer into the body.' },
                message: { type: 'string' },
              },
              required: ['path', 'message'],
            },
          },
        },
        required: ['code', 'message'],
      },
    },
    required: ['error'],
  },
};
