import type { JsonSchema, ToolSpec } from '@errand/contracts';

const THINGS = [
  ...[
    'invoice',
    'parcel',
    'ticket',
    'lease',
    'recipe',
    'ship',
    'lecture',
    'song',
    'permit',
    'vaccine',
    'contract',
    'meter',
  ],
  ...[
    'garden',
    'harvest',
    'engine',
    'bridge',
    'orchard',
    'festival',
    'museum',
    'loan',
    'patient',
    'canal',
    'choir',
    'sample',
  ],
];
const VERBS = ['list', 'get', 'create', 'update', 'archive', 'search', 'export', 'assign'];
const MEMBERS = [
  'name',
  'status',
  'owner',
  'city',
  'amount',
  'openedOn',
  'closedOn',
  'note',
  'priority',
  'reference',
  'phase',
  'score',
];
/** Tools of one made-up service. */
const SERVICE_TOOLS = 150;

const say = (message: string) =>
  `Says ${message} as it was entered at the office, in the words of the person who entered it.`;

/** Tools of made-up services; `large` ones take a dozen arguments and return three levels of objects. */
export function madeUpTools(count: number, large = false): ToolSpec[] {
  return Array.from({ length: count }, (_, n) => {
    const thing = THINGS[Math.floor(n / VERBS.length) % THINGS.length]!;
    const verb = VERBS[n % VERBS.length]!;
    const service = `office${Math.floor(n / SERVICE_TOOLS)}`;
    const round = Math.floor(n / VERBS.length / THINGS.length);
    const operation = `${verb}_${thing}s${round > 0 ? `_v${round + 1}` : ''}`;
    const isRead = ['list', 'get', 'search', 'export'].includes(verb);
    return {
      name: `${service}_1a2b3c4d.${operation}`,
      customerIntegrationId: `${service}_1a2b3c4d`,
      integrationName: `The ${service}`,
      operation,
      title: `${verb} ${thing}s`,
      description: `${verb} ${thing}s of the office. ${say(`what a ${thing} is about`)}`,
      inputSchema: { type: 'object', properties: { [isRead ? 'query' : 'body']: members(thing, large ? 12 : 3, 1) } },
      outputSchema: {
        type: 'object',
        properties: { [`${thing}s`]: { type: 'array', items: members(thing, large ? 12 : 4, large ? 3 : 1) } },
      },
      enabled: true,
      effect: isRead ? 'read' : 'write',
      idempotent: isRead,
      fingerprint: operation,
      call: null,
    };
  });
}

function members(thing: string, count: number, depth: number): JsonSchema {
  const ownFields = Object.fromEntries(
    MEMBERS.slice(0, count).map((name, n): [string, JsonSchema] => {
      if (depth > 1 && n % 5 === 2) return [`${name}Of${thing}`, members(thing, count, depth - 1)];
      if (n % 4 === 1)
        return [name, { type: 'string', enum: ['open', 'held', 'closed', thing], description: say(name) }];
      if (n % 4 === 2) return [name, { type: 'integer', minimum: 0, description: say(`the ${name} of the ${thing}`) }];
      return [name, { type: 'string', description: say(`the ${name} of the ${thing}`) }];
    }),
  );
  return { type: 'object', properties: ownFields, required: ['name'] };
}
