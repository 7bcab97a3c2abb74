import { amount, day, email, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PATH_WORDS = {
  site_id: 'Identifier of the site',
  turbine_id: 'Identifier of the turbine',
  fault_id: 'Identifier of the fault',
  technician_id: 'Identifier of the technician',
  work_order_id: 'Identifier of the work order, e.g. WO-1017',
};

export const REGIONS = ['north', 'south', 'coast'];
export const TURBINE_STATES = ['running', 'paused', 'faulted'];
export const SEVERITIES = ['info', 'warning', 'critical'];
export const FAULT_STATES = ['open', 'acknowledged', 'cleared'];
export const PRIORITIES = ['low', 'normal', 'high'];
export const ORDER_STATES = ['open', 'in_progress', 'completed', 'archived'];
export const BASES = ['Aberdeen', 'Esbjerg', 'Emden'];

export const SCHEMAS: Record<string, Schema> = {
  Site: object({
    'id!': text('Identifier'),
    'name!': text('Name of the wind farm'),
    'region!': oneOf('Region', REGIONS),
    'turbine_count!': whole('Number of turbines'),
  }),
  Turbine: object({
    'id!': text('Identifier'),
    'site_id!': text('Site where the turbine stands'),
    'name!': text('Name painted on the tower, unique within the site'),
    'model!': text('Model'),
    'rated_kw!': whole('Rated power in kilowatts'),
    'state!': oneOf('Operating state', TURBINE_STATES),
    'commissioned_on!': day('Date of commissioning'),
  }),
  Fault: object({
    'id!': text('Identifier'),
    'turbine_id!': text('Turbine that raised the fault'),
    'code!': text('Fault code of the manufacturer'),
    'message!': text('Message of the controller'),
    'severity!': oneOf('Severity', SEVERITIES),
    'state!': oneOf('Where the handling of the fault stands', FAULT_STATES),
    'raised_at!': moment('When the fault was raised'),
    'comment!': { type: ['string', 'null'], description: 'Comment of the person who acknowledged it' },
  }),
  DailyOutput: object({
    'turbine_id!': text('Turbine'),
    'date!': day('Day'),
    'kwh!': whole('Energy fed in on that day, in kilowatt hours'),
    'downtime_minutes!': whole('Minutes of standstill'),
  }),
  Technician: object({
    'id!': text('Identifier'),
    'name!': text('Full name'),
    'email!': email('Email address'),
    'phone!': text('Mobile number'),
    'base!': oneOf('Base the technician works from', BASES),
    'certified_until!': day('Date on which the safety certificate expires'),
  }),
  WorkOrder: object({
    'id!': text('Identifier, e.g. WO-1017'),
    'site_id!': text('Site where the work is done'),
    'turbine_id!': { type: ['string', 'null'], description: 'Turbine, if the work concerns a single one' },
    'title!': text('Short title'),
    'description!': { type: ['string', 'null'], description: 'Longer description of the work' },
    'priority!': oneOf('Priority', PRIORITIES),
    'state!': oneOf('State', ORDER_STATES),
    'technician_id!': { type: ['string', 'null'], description: 'Technician it is assigned to' },
    'created_on!': day('Date of creation'),
    'due_on!': { type: ['string', 'null'], format: 'date', description: 'Date by which the work is to be done' },
    'hours_spent!': { type: ['number', 'null'], description: 'Hours of work; set once the order is completed' },
  }),
  Note: object({
    'id!': text('Identifier'),
    'work_order_id!': text('Work order the note belongs to'),
    'text!': text('Text of the note'),
    'created_at!': moment('When the note was written'),
  }),
};

export const HOURS = amount('Hours of work', { minimum: 0 });
