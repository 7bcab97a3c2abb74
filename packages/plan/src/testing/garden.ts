// An invented service for plans of tests: a garden with plots, keepers, readings, visits and an inbox. Some outputs are described, some
// not.
import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { aTool } from './a-tool.ts';

const text: JsonSchema = { type: 'string' };
const moment: JsonSchema = { type: 'string', format: 'date-time' };
const integer: JsonSchema = { type: 'integer' };
const number: JsonSchema = { type: 'number' };
const object = (properties: JsonSchema, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

const plot = object({
  id: text,
  name: text,
  bed: { enum: ['north', 'south', 'glasshouse'] },
  area: number,
  keeperId: text,
  plantedOn: { type: 'string', format: 'date' },
  wateredAt: moment,
});
const person = object({ id: text, name: text, email: { type: 'string', format: 'email' } });
const visit = object({ id: text, subject: text, kind: text, visitAt: moment });

type Described = { takes?: JsonSchema; needs?: string[]; gives?: JsonSchema; effect?: ToolSpec['effect'] };

const described: Record<string, Described> = {
  listPlots: {
    takes: {
      query: object({
        bed: { enum: ['north', 'south', 'glasshouse'] },
        name: text,
        keeperId: text,
        minArea: number,
        sortBy: { enum: ['name', 'area', 'plantedOn'] },
        order: { enum: ['asc', 'desc'] },
        limit: integer,
        cursor: text,
      }),
    },
    gives: object({ items: list(plot), total: integer, nextCursor: { type: ['string', 'null'] } }),
  },
  getPlot: { takes: { path: object({ plotId: text }, ['plotId']) }, needs: ['path'], gives: plot },
  listKeepers: { takes: { query: object({ name: text }) }, gives: object({ keepers: list(person) }) },
  getKeeper: { takes: { path: object({ keeperId: text }, ['keeperId']) }, needs: ['path'], gives: person },
  listReadings: {
    takes: { query: object({ plotId: text, from: moment, to: moment }, ['plotId']) },
    needs: ['query'],
    gives: object({ readings: list(object({ at: moment, moisture: number, dry: { type: 'boolean' } })) }),
  },
  readInbox: {},
  exportYield: {},
  logVisit: {
    takes: {
      body: object({ plotId: text, kind: { enum: ['visit', 'task'] }, subject: text, visitAt: moment, notes: text }, [
        'plotId',
        'kind',
        'subject',
        'visitAt',
      ]),
    },
    needs: ['body'],
    gives: visit,
    effect: 'write',
  },
  sendNote: {
    takes: { body: object({ to: { type: 'string', format: 'email' }, subject: text, text }, ['to', 'text']) },
    needs: ['body'],
    gives: object({ id: text }),
    effect: 'write',
  },
  waterPlot: {
    takes: { path: object({ plotId: text }, ['plotId']), body: object({ litres: number }, ['litres']) },
    needs: ['path', 'body'],
    gives: object({ plotId: text, wateredAt: moment }),
    effect: 'write',
  },
};

/** The tools of the garden. */
export const garden: ToolSpec[] = Object.entries(described).map(
  ([operation, { takes, needs = [], gives, effect }]) => ({
    ...aTool(operation, takes, { required: needs, ...(effect && { effect }) }),
    ...(gives && { outputSchema: gives }),
  }),
);

/** The full name of a tool of the garden. */
export const gardenTool = (operation: string): string => `crm_1a2b3c4d.${operation}`;
