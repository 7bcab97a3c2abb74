import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging, type Thing } from '../rest.ts';
import { day, email, list, object, oneOf, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const DEFAULT_SIZE = 15;

const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Value of `next_cursor` from the previous response; omit it for the first page') },
    {
      name: 'page_size',
      schema: whole('Maximum number of records to return', { minimum: 1, maximum: 50, default: 15 }),
    },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Records'),
      'next_cursor!': {
        type: ['string', 'null'],
        description: 'Pass it as `cursor` to get the next page; null if there are no more records',
      },
    }),
  cut(rows, { cursor, page_size }) {
    const start =
      cursor === undefined ? 0 : Number(Buffer.from(String(cursor), 'base64url').toString().replace('from:', ''));
    if (!Number.isInteger(start)) throw new Refused(422, 'The cursor is not valid');
    const end = start + Number(page_size ?? DEFAULT_SIZE);
    return {
      data: rows.slice(start, end),
      next_cursor: end < rows.length ? Buffer.from(`from:${end}`).toString('base64url') : null,
    };
  },
};

const TURBINE: Thing = ['turbines', 'turbine_id', 'Turbine'];
const ORDER: Thing = ['work_orders', 'work_order_id', 'WorkOrder'];
const TECHNICIAN: Thing = ['technicians', 'technician_id', 'Technician'];

const operations: Operation[] = [
  lists(['list_sites', '/sites', 'List sites'], ['sites', 'Site'], {
    paging,
    filters: [
      contains('name', text('Only sites whose name contains this text'), 'name'),
      same('region', oneOf('Only sites in this region', doc.REGIONS)),
    ],
  }),
  gets(['get_site', '/sites/{site_id}', 'Retrieve a site'], ['sites', 'site_id', 'Site']),
  lists(['list_site_turbines', '/sites/{site_id}/turbines', 'List the turbines of a site'], ['turbines', 'Turbine'], {
    paging,
    within: 'site_id',
    filters: [same('state', oneOf('Only turbines in this state', doc.TURBINE_STATES))],
  }),
  gets(['get_turbine', '/turbines/{turbine_id}', 'Retrieve a turbine'], TURBINE),
  {
    ...changes(['pause_turbine', '/turbines/{turbine_id}/pause', 'Pause a running turbine'], TURBINE, {
      body: object({ 'reason!': text('Reason for the log book') }),
      only: ['running'],
    }),
    run: ({ tables, path }) => {
      const turbine = find(tables.turbines, path.turbine_id);
      if (turbine.state !== 'running') throw new Refused(409, `The turbine is ${turbine.state}`);
      return Object.assign(turbine, { state: 'paused' });
    },
  },
  {
    ...changes(
      ['resume_turbine', '/turbines/{turbine_id}/resume', 'Put a paused turbine back into operation'],
      TURBINE,
      {
        only: ['paused'],
      },
    ),
    run: ({ tables, path }) => {
      const turbine = find(tables.turbines, path.turbine_id);
      if (turbine.state !== 'paused') throw new Refused(409, `The turbine is ${turbine.state}`);
      return Object.assign(turbine, { state: 'running' });
    },
  },
  lists(
    ['list_daily_outputs', '/turbines/{turbine_id}/daily_outputs', 'List the energy a turbine fed in, day by day'],
    ['outputs', 'DailyOutput'],
    {
      paging,
      within: 'turbine_id',
      filters: [
        atLeast('since', day('Only this day and later ones'), 'date'),
        atMost('until', day('Only this day and earlier ones'), 'date'),
      ],
    },
  ),
  lists(['list_faults', '/faults', 'List faults, oldest first'], ['faults', 'Fault'], {
    paging,
    filters: [
      same('turbine_id', text('Only faults of this turbine')),
      same('severity', oneOf('Only faults of this severity', doc.SEVERITIES)),
      same('state', oneOf('Only faults in this state', doc.FAULT_STATES)),
      atLeast('raised_since', day('Only faults raised on this day or later'), 'raised_at'),
      atMost('raised_until', day('Only faults raised on this day or earlier'), 'raised_at'),
    ],
  }),
  {
    ...changes(
      ['acknowledge_fault', '/faults/{fault_id}/acknowledge', 'Acknowledge an open fault'],
      ['faults', 'fault_id', 'Fault'],
      {
        method: 'patch',
        body: object({ comment: text('Comment') }),
        only: ['open'],
      },
    ),
    run: ({ tables, path, body }) => {
      const fault = find(tables.faults, path.fault_id);
      if (fault.state !== 'open') throw new Refused(409, `The fault is ${fault.state}`);
      return Object.assign(fault, body, { state: 'acknowledged' });
    },
  },
  lists(['list_technicians', '/technicians', 'List technicians'], ['technicians', 'Technician'], {
    paging,
    filters: [
      contains('name', text('Only technicians whose name contains this text'), 'name'),
      same('base', oneOf('Only technicians of this base', doc.BASES)),
    ],
  }),
  gets(['get_technician', '/technicians/{technician_id}', 'Retrieve a technician'], TECHNICIAN),
  changes(['update_technician', '/technicians/{technician_id}', 'Update a technician'], TECHNICIAN, {
    method: 'patch',
    body: object({
      email: email('Email address'),
      phone: text('Mobile number'),
      base: oneOf('Base the technician works from', doc.BASES),
      certified_until: day('Date on which the safety certificate expires'),
    }),
  }),
  lists(['list_work_orders', '/work_orders', 'List work orders, oldest first'], ['work_orders', 'WorkOrder'], {
    paging,
    filters: [
      same('site_id', text('Only work orders at this site')),
      same('technician_id', text('Only work orders assigned to this technician')),
      same('state', oneOf('Only work orders in this state', doc.ORDER_STATES)),
      same('priority', oneOf('Only work orders of this priority', doc.PRIORITIES)),
      atMost('due_until', day('Only work orders due on this day or earlier'), 'due_on'),
    ],
  }),
  gets(['get_work_order', '/work_orders/{work_order_id}', 'Retrieve a work order'], ORDER),
  adds(
    ['create_work_order', '/sites/{site_id}/work_orders', 'Create a work order at a site'],
    ['work_orders', 'WorkOrder'],
    {
      within: 'site_id',
      body: object({
        'title!': text('Short title'),
        description: text('Longer description of the work'),
        priority: oneOf('Priority; normal if omitted', doc.PRIORITIES),
        turbine_id: text('Turbine, if the work concerns a single one'),
        due_on: day('Date by which the work is to be done'),
      }),
      set: {
        turbine_id: null,
        description: null,
        priority: 'normal',
        state: 'open',
        technician_id: null,
        created_on: '2026-11-25',
        due_on: null,
        hours_spent: null,
      },
    },
  ),
  {
    ...changes(
      ['assign_work_order', '/work_orders/{work_order_id}/assign', 'Assign a work order to a technician'],
      ORDER,
      {
        method: 'patch',
        body: object({ 'technician_id!': text('Technician who does the work') }),
        only: ['open', 'in_progress'],
      },
    ),
    run: ({ tables, path, body }) => {
      const order = find(tables.work_orders, path.work_order_id);
      if (!['open', 'in_progress'].includes(String(order.state)))
        throw new Refused(409, `The work order is ${order.state}`);
      if (!tables.technicians!.some(({ id }) => id === body.technician_id))
        throw new Refused(422, `There is no technician ${body.technician_id}`);
      return Object.assign(order, body, { state: 'in_progress' });
    },
  },
  {
    ...changes(['complete_work_order', '/work_orders/{work_order_id}/complete', 'Complete a work order'], ORDER, {
      body: object({ 'hours_spent!': doc.HOURS }),
      only: ['in_progress'],
    }),
    run: ({ tables, path, body }) => {
      const order = find(tables.work_orders, path.work_order_id);
      if (order.state !== 'in_progress') throw new Refused(409, `The work order is ${order.state}`);
      return Object.assign(order, body, { state: 'completed' });
    },
  },
  {
    ...changes(
      ['archive_work_order', '/work_orders/{work_order_id}/archive', 'Archive a completed work order'],
      ORDER,
      {
        only: ['completed'],
      },
    ),
    run: ({ tables, path }) => {
      const order = find(tables.work_orders, path.work_order_id);
      if (order.state !== 'completed') throw new Refused(409, `The work order is ${order.state}`);
      return Object.assign(order, { state: 'archived' });
    },
  },
  lists(
    ['list_work_order_notes', '/work_orders/{work_order_id}/notes', 'List the notes on a work order'],
    ['notes', 'Note'],
    {
      paging,
      within: 'work_order_id',
    },
  ),
  adds(['add_work_order_note', '/work_orders/{work_order_id}/notes', 'Add a note to a work order'], ['notes', 'Note'], {
    within: 'work_order_id',
    body: object({ 'text!': text('Text of the note') }),
    set: { created_at: '2026-11-25T09:00:00Z' },
  }),
];

/** An operator of wind farms: nested resources, cursors and endpoints for actions. */
export const SERVICE = service({
  id: 'galeops',
  name: 'GaleOps',
  description: 'Wind farms, their turbines, faults and energy output, and the work orders of the technicians.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
