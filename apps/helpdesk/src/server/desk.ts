// The people and tickets of the product. A real one has tables.
export type User = { id: string; name: string };
export const teamLead: User = { id: 'ben', name: 'Ben Okafor' };
export const users: readonly User[] = [{ id: 'ada', name: 'Ada Lopez' }, teamLead];
export const tickets = [
  {
    id: 'T-1041',
    customer: 'Contoso',
    subject: 'Can we talk about our renewal?',
    message: 'Our contract ends next month. Could somebody call us tomorrow at ten?',
    asks: ['Create an event "Call Contoso" for tomorrow at 10:00', 'Log a call with Contoso for tomorrow at 10:00'],
  },
  {
    id: 'T-1042',
    customer: 'Northwind',
    subject: 'The label printer prints blank pages',
    message: 'Since this morning every label from the second printer is blank. The first printer works.',
    asks: ['Open a ticket for Northwind with the subject "Blank labels" and priority high', 'Which tickets are open?'],
  },
];

/** The schema of a body with these properties: fastify refuses others with 400. */
export const bodyOf = (properties: Record<string, object>) => ({
  schema: { body: { type: 'object', required: Object.keys(properties), properties } },
});
