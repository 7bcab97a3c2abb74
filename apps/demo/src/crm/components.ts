// The component schemas, in concept names.
import * as data from './data.ts';
import { type Components, pick, ref, type Schema } from './schema.ts';

const id = (noun: string, example: string): Schema => ({ type: 'string', description: `Id of the ${noun}.`, example });
const text = (description: string, example: string, maxLength = 200): Schema => ({
  type: 'string',
  description,
  example,
  minLength: 1,
  maxLength,
});
const oneOf = (values: readonly string[], description: string, example: string): Schema => ({
  type: 'string',
  description,
  enum: [...values],
  example,
});
const money = (description: string): Schema => ({
  type: 'number',
  description: `${description} At most two decimals; cents are exact.`,
  minimum: 0,
  maximum: 1e12,
  example: 84500.25,
});
const row = (noun: string, example: string): Record<string, Schema> => ({
  id: { type: 'string', description: `Unique id of the ${noun}.`, readOnly: true, example },
});
const createdAt: Record<string, Schema> = {
  createdAt: {
    type: 'string',
    format: 'date-time',
    description: 'When it was recorded, in UTC.',
    readOnly: true,
    example: '2023-02-14T09:30:00.000Z',
  },
};

const accountId = id('account', 'acc_000001');
const ownerId = id('user who is the owner', 'usr_000001');

export const PROPERTIES = {
  Account: {
    ...row('account', 'acc_000001'),
    name: text('Name of the business.', 'Northwind Traders'),
    industry: oneOf(data.INDUSTRIES, 'What the business does.', 'Retail'),
    region: oneOf(data.REGIONS, 'Region that serves the account.', 'North America'),
    website: { type: 'string', format: 'uri', description: 'Public website.', example: 'https://northwind.example' },
    ownerId,
    ...createdAt,
  },
  Contact: {
    ...row('contact', 'con_000001'),
    accountId,
    name: text('Full name.', 'Maria Anders'),
    email: {
      type: 'string',
      format: 'email',
      description: 'Email address.',
      example: 'maria.anders@northwind.example',
    },
    phone: text('Telephone number.', '+1 206 555 0142', 40),
    title: text('Job title.', 'Purchasing Manager'),
    ...createdAt,
  },
  User: {
    ...row('user', 'usr_000001'),
    name: text('Full name.', 'Dana Whitfield'),
    email: { type: 'string', format: 'email', description: 'Email address.', example: 'dana.whitfield@crm.example' },
    role: text('Role in the team.', 'Account Executive'),
    ...createdAt,
  },
  Deal: {
    ...row('deal', 'dea_000001'),
    accountId,
    name: text('Short name of the deal.', 'Warehouse rollout'),
    amount: money('Amount of the deal, in its currency.'),
    currency: { ...oneOf(data.CURRENCIES, 'ISO 4217 currency code.', 'USD'), default: 'USD' },
    stage: oneOf(data.STAGES, 'Where the deal stands.', 'negotiation'),
    ownerId,
    closeDate: {
      type: 'string',
      format: 'date',
      description: 'Expected or actual day of closing.',
      example: '2024-03-29',
    },
    ...createdAt,
  },
  Sale: {
    ...row('sale', 'sal_000001'),
    date: { type: 'string', format: 'date', description: 'Day of the invoice.', example: '2023-11-08' },
    year: { type: 'integer', description: 'Calendar year of the sale.', example: 2023 },
    quarter: oneOf(data.QUARTERS, 'Quarter of the year.', 'Q4'),
    region: oneOf(data.REGIONS, 'Region that made the sale.', 'EMEA'),
    accountId,
    productId: id('product', 'pro_000001'),
    amount: money('Invoiced amount in US dollars.'),
    ...createdAt,
  },
  Activity: {
    ...row('activity', 'act_000001'),
    type: oneOf(data.ACTIVITY_TYPES, 'Kind of activity.', 'call'),
    accountId,
    ownerId,
    subject: text('One line that says what it is about.', 'Renewal terms'),
    scheduledAt: {
      type: 'string',
      format: 'date-time',
      description: 'When it takes place, with a time zone (RFC 3339).',
      example: '2024-01-16T10:00:00Z',
    },
    notes: {
      type: 'string',
      description: 'Free text.',
      maxLength: 10_000,
      default: '',
      example: 'Bring the price list.',
    },
    status: { ...oneOf(data.ACTIVITY_STATUSES, 'How far it is.', 'planned'), default: 'planned' },
    ...createdAt,
  },
  Ticket: {
    ...row('ticket', 'tic_000001'),
    accountId,
    subject: text('One line that says what is wrong.', 'Invoice shows the wrong address'),
    priority: { ...oneOf(data.PRIORITIES, 'How urgent it is.', 'normal'), default: 'normal' },
    status: oneOf(data.TICKET_STATUSES, 'State of the ticket.', 'open'),
    ...createdAt,
  },
  Product: {
    ...row('product', 'pro_000001'),
    name: text('Name of the product.', 'Route Planner'),
    sku: text('Stock keeping unit.', 'RP-100', 40),
    price: money('List price in US dollars.'),
    ...createdAt,
  },
} satisfies Record<string, Record<string, Schema>>;

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
