import { amount, day, email, flag, object, oneOf, type Schema, text } from '../schemas.ts';

export const CATEGORIES = [
  'excavator',
  'dumper',
  'boom_lift',
  'scissor_lift',
  'telehandler',
  'generator',
  'compressor',
  'roller',
  'lighting_tower',
];
export const MACHINE_STATES = ['available', 'on_hire', 'out_of_service'];
export const FUELS = ['diesel', 'petrol', 'electric', 'hybrid'];
export const HIRE_STATES = ['quote', 'booked', 'on_hire', 'ended', 'cancelled'];
export const INVOICE_STATES = ['open', 'paid'];
export const RESULTS = ['passed', 'failed'];

export const SCHEMAS: Record<string, Schema> = {
  Depot: object({
    'id!': text('Depot code'),
    'name!': text('City of the depot'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
    'address!': text('Street and number'),
  }),
  Machine: object({
    'id!': text('Machine number'),
    'name!': text('Make and type'),
    'category!': oneOf('Category', CATEGORIES),
    'depotId!': text('Depot where it is kept'),
    'state!': oneOf('State today', MACHINE_STATES),
    'weightKg!': amount('Weight in kilograms'),
    workingHeightM: amount('Working height in metres; only of lifts and masts'),
    powerKva: amount('Power in kVA; only of generators'),
    'fuel!': oneOf('What it runs on', FUELS),
    'dayRate!': amount('Price of a day'),
    'currency!': text('Currency of the price, ISO 4217'),
    nextServiceOn: day('Day of the next service, when planned'),
    outOfServiceReason: text('Why it is out of service'),
  }),
  Customer: object({
    'id!': text('Customer number'),
    'companyName!': text('Name of the company'),
    'contactName!': text('Person to talk to'),
    'email!': email('E-mail address'),
    phone: text('Phone number, when known'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
    'onStop!': flag('Whether nothing may be hired to the customer'),
  }),
  Hire: object({
    'id!': text('Hire number'),
    'customerId!': text('Customer who hires'),
    'machineId!': text('Machine that is hired'),
    'state!': oneOf('State; booked: it has not started yet', HIRE_STATES),
    'startsOn!': day('First day'),
    'endsOn!': day('Last day'),
    'dayRate!': amount('Price of a day in euros'),
    site: text('Place where the machine is used'),
    purchaseOrder: text('Purchase order number of the customer'),
    cancelReason: text('Why it was cancelled'),
  }),
  Invoice: object({
    'id!': text('Invoice number'),
    'customerId!': text('Customer who is to pay'),
    'hireId!': text('Hire that it is for'),
    'total!': amount('Amount to pay'),
    'currency!': text('Currency, ISO 4217'),
    'state!': oneOf('State; open: not paid yet', INVOICE_STATES),
    'issuedOn!': day('Day of issue'),
    'dueOn!': day('Day by which it must be paid'),
    paidOn: day('Day on which it was paid'),
  }),
  Inspection: object({
    'id!': text('Inspection number'),
    'machineId!': text('Machine that was inspected'),
    'inspectedOn!': day('Day of the inspection'),
    'result!': oneOf('Result', RESULTS),
    'inspector!': text('Name of the inspector'),
    remarks: text('What was found'),
  }),
};
