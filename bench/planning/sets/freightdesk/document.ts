import { amount, day, email, flag, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';
import { DEPOTS } from './data.ts';

export const PATH_WORDS = {
  custNo: 'Customer number',
  conNo: 'Consignment number, e.g. FD-260301',
  drvNo: 'Driver number, e.g. D104',
  regNo: 'Registration number of the vehicle, e.g. YD70 KLM',
  runNo: 'Run number, e.g. R5501',
};

export const dp = (description: string) =>
  oneOf(`${description} (LEE Leeds, BRI Bristol, GLA Glasgow, NOR Norwich)`, DEPOTS);
export const conState = (description: string) =>
  oneOf(`${description}: NEW booked, COL collected, HLD on hold, DEL delivered, RET returned to sender`, [
    'NEW',
    'COL',
    'HLD',
    'DEL',
    'RET',
  ]);
export const runState = (description: string) =>
  oneOf(`${description}: PLAN planned, OUT on the road, DONE finished`, ['PLAN', 'OUT', 'DONE']);
export const vehState = (description: string) => oneOf(`${description}: OK ready, WKS in the workshop`, ['OK', 'WKS']);
export const vehType = (description: string) =>
  oneOf(`${description}: VAN van, RIG rigid lorry, ART articulated lorry`, ['VAN', 'RIG', 'ART']);
export const kind = (description: string) =>
  oneOf(`${description}: FRT freight, FUEL fuel surcharge, WAIT waiting time, STOR storage`, [
    'FRT',
    'FUEL',
    'WAIT',
    'STOR',
  ]);

export const SCHEMAS: Record<string, Schema> = {
  Depot: object({ 'dp!': dp('Depot code'), 'nm!': text('Name'), 'tel!': text('Telephone') }),
  Customer: object({
    'custNo!': text('Customer number'),
    'nm!': text('Company name'),
    'cty!': text('City'),
    'contact!': text('Name of the contact person'),
    'em!': email('Email address of the transport office'),
    'tel!': text('Telephone'),
    'crLimit!': whole('Credit limit in pounds'),
    'stopped!': flag('True if the account is stopped'),
  }),
  Driver: object({
    'drvNo!': text('Driver number'),
    'nm!': text('Name'),
    'mob!': text('Mobile number'),
    'dp!': dp('Home depot'),
    'cl!': oneOf('Licence class', ['C', 'CE', 'C1']),
    'act!': flag('False once the driver has left'),
  }),
  Vehicle: object({
    'regNo!': text('Registration number'),
    'ty!': vehType('Type'),
    'dp!': dp('Home depot'),
    'maxKg!': whole('Payload in kilograms'),
    'st!': vehState('State'),
    'motDt!': day('Date on which the MOT runs out'),
  }),
  Consignment: object({
    'conNo!': text('Consignment number'),
    'custNo!': text('Customer number of the sender'),
    'dp!': dp('Depot that handles it'),
    'dest!': text('Town of delivery'),
    'pcs!': whole('Number of pieces'),
    'kg!': whole('Gross weight in kilograms'),
    'bookDt!': day('Date of booking'),
    'st!': conState('Status'),
    'ref!': text('Reference of the customer'),
  }),
  Run: object({
    'runNo!': text('Run number'),
    'dt!': day('Date of the run'),
    'drvNo!': text('Driver number'),
    'regNo!': text('Registration number of the vehicle'),
    'dp!': dp('Depot it starts from'),
    'st!': runState('Status'),
    'conNos!': list(text('Consignment number'), 'Consignments on board'),
  }),
  Charge: object({
    'chgNo!': text('Charge number'),
    'custNo!': text('Customer number'),
    'conNo!': text('Consignment number'),
    'kind!': kind('Kind of charge'),
    'amt!': amount('Amount in pounds'),
    'dt!': day('Date of the charge'),
    'paid!': flag('True once it is paid'),
    'txt!': text('Text on the statement'),
  }),
  Booking: object({
    'bkNo!': text('Booking number'),
    'regNo!': text('Registration number'),
    'dt!': day('Date of the visit'),
    'remark!': text('What is to be done'),
  }),
};
