import { amount, day, email, flag, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const ST = oneOf('R received, T in test, A approved, X rejected', ['R', 'T', 'A', 'X']);
export const TYP = oneOf('M municipal, I industrial, P private', ['M', 'I', 'P']);
export const MAT = oneOf('DW drinking water, WW waste water, SW surface water', ['DW', 'WW', 'SW']);
export const INV_ST = oneOf('O open, P paid, L late', ['O', 'P', 'L']);
export const WK_ST = oneOf('O open, C closed', ['O', 'C']);
export const FLG = oneOf('OK within limit, HI above limit', ['OK', 'HI']);

export const PATH_WORDS = {
  cid: 'Customer no., e.g. K004',
  pid: 'Point no., e.g. P017',
  ref_no: 'Sample ref., e.g. 26-0431',
  mth: 'Method code, e.g. NO3',
  wid: 'Worklist no., e.g. W085',
  ino: 'Invoice no., e.g. F0931',
};
const [cid, pid, ref_no, mth, wid, ino] = Object.values(PATH_WORDS).map((words) => text(words)) as [
  Schema,
  Schema,
  Schema,
  Schema,
  Schema,
  Schema,
];
export const KEYS = { cid, pid, ref_no, mth, wid, ino, an: text('Analyst code, e.g. HB') };

export const SCHEMAS: Record<string, Schema> = {
  Cu: object(
    {
      'cid!': cid,
      'nm!': text('Customer name'),
      'typ!': TYP,
      'em!': email('E-mail'),
      'tel!': text('Phone'),
      'blk!': flag('Blocked'),
    },
    'Customer',
  ),
  Pt: object(
    {
      'pid!': pid,
      'cid!': cid,
      'loc!': text('Location'),
      'mat!': MAT,
      'act!': flag('In use'),
    },
    'Sampling point',
  ),
  Smp: object(
    {
      'ref_no!': ref_no,
      'pid!': pid,
      'd_tk!': day('Date taken'),
      'd_rc!': day('Date received'),
      'st!': ST,
      'an!': { type: ['string', 'null'], description: 'Analyst code' },
      'vol_ml!': whole('Volume, ml'),
      'prio!': whole('Priority: 1 urgent, 2 normal', { enum: [1, 2] }),
      'rmk!': text('Remark'),
    },
    'Sample',
  ),
  Res: object(
    {
      'rid!': text('Result no.'),
      'ref_no!': ref_no,
      'mth!': mth,
      'val!': amount('Value measured'),
      'u!': text('Unit'),
      'flg!': FLG,
      'd_ms!': day('Date measured'),
    },
    'Result',
  ),
  Mth: object(
    {
      'mth!': mth,
      'nm!': text('Parameter measured'),
      'u!': text('Unit'),
      'lim!': amount('Legal limit'),
      'prc!': amount('Price, EUR'),
    },
    'Method',
  ),
  An: object({ 'an!': KEYS.an, 'nm!': text('Analyst name'), 'em!': email('E-mail') }, 'Analyst'),
  Wk: object(
    {
      'wid!': wid,
      'mth!': mth,
      'an!': KEYS.an,
      'st!': WK_ST,
      'd_due!': day('Due date'),
      'n_smp!': whole('Samples on it'),
    },
    'Worklist',
  ),
  Inv: object(
    {
      'ino!': ino,
      'cid!': cid,
      'amt!': amount('Amount, EUR'),
      'st!': INV_ST,
      'd_is!': day('Date issued'),
    },
    'Invoice',
  ),
};

/** @returns the answer of a list: twenty rows a page */
export const rows = (item: Schema): Schema =>
  object({
    'n!': whole('Rows in all'),
    'pg!': whole('Page no.'),
    'pgs!': whole('Pages in all'),
    'rows!': list(item, 'Rows of this page'),
  });
