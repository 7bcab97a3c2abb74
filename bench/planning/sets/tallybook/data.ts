import type { Row, Tables } from '../kit.ts';

/** name, city, days of payment */
const CUSTOMERS = `Aldgate Dental|London|30
Bramley & Co|York|14
Cedar House School|Reading|30
Delta Cycles|Bristol|14
Eastgate Catering|York|30
Foxglove Nurseries|Exeter|30
Granary Bakery|Bristol|14
Hillcrest Vets|Leeds|30
Ivory Piano Hire|London|30
Juniper Spa|Bath|14
Kestrel Couriers|Leeds|7
Larkspur Events|London|30
Meridian Law|London|30
Northfield Farm Shop|York|30
Orchid Thai Kitchen|Reading|14
Delta Cycles|Leeds|30
Pemberton Estates|Bath|30
Quill & Ink|Exeter|14`;

/** code, name, net price, VAT in per cent */
const ITEMS = `CONS-H|Consulting hour|95|20
BOOK-M|Monthly bookkeeping|240|20
PAYR-M|Payroll run|60|20
TAX-Y|Annual tax return|650|20
TRAIN-D|Training day|720|20
SETUP|Software set-up|180|20`;

/** customer (from 1), issued on, status, total with VAT */
const INVOICES = `1|2026-09-01|paid|480
3|2026-09-02|paid|1440
7|2026-09-04|paid|216
12|2026-09-08|paid|2640
2|2026-09-10|paid|360
8|2026-09-14|overdue|540
13|2026-09-16|paid|3000
5|2026-09-21|paid|792
4|2026-09-23|void|168
11|2026-09-25|paid|324
17|2026-09-29|paid|1860
6|2026-10-01|paid|408
10|2026-10-02|overdue|276
1|2026-10-05|paid|480
14|2026-10-06|paid|660
3|2026-10-07|overdue|1440
9|2026-10-09|paid|900
15|2026-10-12|paid|312
12|2026-10-14|overdue|1980
16|2026-10-15|paid|588
7|2026-10-19|paid|252
18|2026-10-20|void|144
13|2026-10-21|overdue|2400
2|2026-10-26|paid|384
5|2026-10-28|sent|1116
8|2026-10-30|sent|600
1|2026-11-02|sent|480
17|2026-11-03|sent|2220
11|2026-11-05|overdue|348
3|2026-11-06|sent|1440
4|2026-11-09|overdue|192
6|2026-11-10|sent|444
14|2026-11-12|sent|720
10|2026-11-13|sent|288
9|2026-11-16|sent|900
12|2026-11-17|sent|3120
7|2026-11-18|sent|264
15|2026-11-20|sent|336
13|2026-11-23|draft|1800
18|2026-11-24|draft|156
2|2026-11-24|draft|420`;

/** supplier, category, amount, day, status, whose */
const EXPENSES = `Great Northern Rail|travel|86.4|2026-10-06|reimbursed|Dana Whitfield
Paper Mill Direct|office_supplies|42.15|2026-10-13|reimbursed|Joel Parkes
Figaro Bistro|meals|128.5|2026-10-22|reimbursed|Simone Archer
Cloudpad|software|59|2026-11-01|approved|Joel Parkes
City Cabs|travel|23.8|2026-11-04|approved|Dana Whitfield
Hotel Aurora|travel|214|2026-11-05|submitted|Dana Whitfield
Bookkeepers Guild|training|350|2026-11-10|submitted|Simone Archer
Paper Mill Direct|office_supplies|67.9|2026-11-12|rejected|Joel Parkes
Figaro Bistro|meals|74.2|2026-11-17|submitted|Joel Parkes
Great Northern Rail|travel|112.6|2026-11-19|submitted|Simone Archer
Lens & Light|office_supplies|189|2026-11-23|submitted|Dana Whitfield`;

const METHODS = ['bank_transfer', 'card', 'direct_debit'];

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const customer = (number: string | number) => `C-${3000 + Number(number)}`;
const later = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

const invoices = (): Row[] =>
  split(INVOICES).map(([at, issuedOn, status, total], index) => {
    const [name, , terms] = split(CUSTOMERS)[Number(at) - 1]!;
    return {
      invoiceNumber: `INV-2026-0${401 + index}`,
      customerNumber: customer(at!),
      customerName: name,
      status,
      issuedOn,
      dueOn: later(issuedOn!, Number(terms)),
      total: Number(total),
      amountDue: status === 'sent' || status === 'overdue' ? Number(total) : 0,
    };
  });

/** Each paid invoice was paid at once, a few days before it was due. */
const payments = (): Row[] =>
  invoices()
    .filter(({ status }) => status === 'paid')
    .map(({ invoiceNumber, customerNumber, total, dueOn }, index) => ({
      paymentId: `PAY-${701 + index}`,
      invoiceNumber,
      customerNumber,
      amount: total,
      paidOn: later(String(dueOn), -1 - (index % 6)),
      method: METHODS[index % 3],
    }));

/** @returns the books as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  customers: split(CUSTOMERS).map(([name, city, terms], index) => ({
    customerNumber: customer(index + 1),
    name,
    city,
    email: `accounts@${name!.toLowerCase().replace(/[^a-z]+/g, '-')}${index === 15 ? '-leeds' : ''}.example`,
    paymentTermsDays: Number(terms),
  })),
  items: split(ITEMS).map(([itemCode, name, unitPrice, vatRate]) => ({
    itemCode,
    name,
    unitPrice: Number(unitPrice),
    vatRate: Number(vatRate),
  })),
  invoices: invoices(),
  payments: payments(),
  creditNotes: [],
  reminders: [],
  expenses: split(EXPENSES).map(([supplier, category, amount, spentOn, status, submittedBy], index) => ({
    expenseId: `EXP-${9001 + index}`,
    supplier,
    category,
    amount: Number(amount),
    spentOn,
    status,
    submittedBy,
  })),
});
