import { atLeast, atMost, type Call, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging, type Thing } from '../rest.ts';
import { amount, day, flag, object, text, whole } from '../schemas.ts';
import { dayAt, seed } from './data.ts';
import * as doc from './document.ts';

const PER_PAGE = 20;
const TODAY = dayAt(0);
const { KEYS } = doc;

const paging: Paging = {
  query: [{ name: 'pg', schema: whole('Page no., 20 rows each', { minimum: 1, default: 1 }) }],
  answer: doc.rows,
  cut(rows, { pg = 1 }) {
    const from = (Number(pg) - 1) * PER_PAGE;
    return { n: rows.length, pg, pgs: Math.ceil(rows.length / PER_PAGE), rows: rows.slice(from, from + PER_PAGE) };
  },
};

const CU: Thing = ['cu', 'cid', 'Cu', 'cid'];
const PT: Thing = ['pt', 'pid', 'Pt', 'pid'];
const SMP: Thing = ['smp', 'ref_no', 'Smp', 'ref_no'];
const TABLES: Record<string, string> = { cid: 'cu', pid: 'pt', ref_no: 'smp', mth: 'mth', an: 'an' };

/** @returns the operation, which now refuses bodies that name unknown things */
const checked = (operation: Operation): Operation => ({
  ...operation,
  run(call) {
    for (const [key, value] of Object.entries(call.body))
      if (TABLES[key] && !call.tables[TABLES[key]]!.some((row) => row[key] === value))
        throw new Refused(422, `No ${key} ${value}`);
    return operation.run(call);
  },
});

const addResult = adds(['resAdd', '/res', 'Add result'], ['res', 'Res'], {
  key: 'rid',
  body: object({ 'ref_no!': KEYS.ref_no, 'mth!': KEYS.mth, 'val!': amount('Value measured') }),
  set: { d_ms: TODAY },
});

const operations: Operation[] = [
  lists(['cuLst', '/cu', 'Customers'], ['cu', 'Cu'], {
    paging,
    filters: [contains('q_nm', text('Name contains'), 'nm'), same('q_typ', doc.TYP, 'typ')],
  }),
  gets(['cuGet', '/cu/{cid}', 'One customer'], CU),
  changes(['cuUpd', '/cu/{cid}', 'Edit customer'], CU, {
    method: 'patch',
    body: object({
      nm: text('Customer name'),
      em: text('E-mail', { format: 'email' }),
      tel: text('Phone'),
      typ: doc.TYP,
      blk: flag('Blocked'),
    }),
  }),
  lists(['ptLst', '/pt', 'Sampling points'], ['pt', 'Pt'], {
    paging,
    filters: [
      same('cid', KEYS.cid),
      same('q_mat', doc.MAT, 'mat'),
      contains('q_loc', text('Location contains'), 'loc'),
    ],
  }),
  gets(['ptGet', '/pt/{pid}', 'One sampling point'], PT),
  adds(['ptNew', '/pt', 'New sampling point'], ['pt', 'Pt'], {
    key: 'pid',
    body: object({ 'cid!': KEYS.cid, 'loc!': text('Location'), 'mat!': doc.MAT }),
    set: { act: true },
  }),
  lists(['smpLst', '/smp', 'Samples'], ['smp', 'Smp'], {
    paging,
    filters: [
      same('q_st', doc.ST, 'st'),
      same('q_pt', KEYS.pid, 'pid'),
      same('q_an', KEYS.an, 'an'),
      same('q_pr', whole('Priority: 1 urgent, 2 normal'), 'prio'),
      atLeast('d_fr', day('Date taken, from'), 'd_tk'),
      atMost('d_to', day('Date taken, to'), 'd_tk'),
    ],
  }),
  gets(['smpGet', '/smp/{ref_no}', 'One sample'], SMP),
  adds(['smpNew', '/smp', 'Log in sample'], ['smp', 'Smp'], {
    key: 'ref_no',
    body: object({
      'pid!': KEYS.pid,
      'd_tk!': day('Date taken'),
      vol_ml: whole('Volume, ml'),
      prio: whole('Priority: 1 urgent, 2 normal', { enum: [1, 2] }),
      rmk: text('Remark'),
    }),
    set: { d_rc: TODAY, st: 'R', an: null, vol_ml: 500, prio: 2, rmk: '' },
  }),
  changes(['smpUpd', '/smp/{ref_no}', 'Edit sample'], SMP, {
    method: 'patch',
    body: object({
      vol_ml: whole('Volume, ml'),
      prio: whole('Priority: 1 urgent, 2 normal', { enum: [1, 2] }),
      rmk: text('Remark'),
    }),
  }),
  changes(['smpAsg', '/smp/{ref_no}/asg', 'Assign sample to analyst'], SMP, { body: object({ 'an!': KEYS.an }) }),
  changes(['smpApp', '/smp/{ref_no}/app', 'Approve sample'], SMP, { set: { st: 'A' } }),
  changes(['smpRej', '/smp/{ref_no}/rej', 'Reject sample'], SMP, {
    body: object({ 'rsn!': text('Reason') }),
    set: { st: 'X' },
  }),
  lists(['resLst', '/res', 'Results'], ['res', 'Res'], {
    paging,
    filters: [
      same('ref_no', KEYS.ref_no),
      same('q_mth', KEYS.mth, 'mth'),
      same('q_flg', doc.FLG, 'flg'),
      atLeast('d_fr', day('Date measured, from'), 'd_ms'),
    ],
  }),
  {
    ...addResult,
    run(call: Call) {
      const { u, lim } = find(call.tables.mth, call.body.mth, 'mth');
      const row = addResult.run(call) as Record<string, unknown>;
      return Object.assign(row, { u, flg: Number(row.val) > Number(lim) ? 'HI' : 'OK' });
    },
  },
  lists(['mthLst', '/mth', 'Methods, with limits and prices'], ['mth', 'Mth'], { paging }),
  gets(['mthGet', '/mth/{mth}', 'One method'], ['mth', 'mth', 'Mth', 'mth']),
  lists(['anLst', '/an', 'Analysts'], ['an', 'An'], { paging }),
  lists(['wkLst', '/wk', 'Worklists'], ['wk', 'Wk'], {
    paging,
    filters: [same('q_st', doc.WK_ST, 'st'), same('q_an', KEYS.an, 'an'), atMost('d_due', day('Due up to'), 'd_due')],
  }),
  changes(['wkCls', '/wk/{wid}/cls', 'Close worklist'], ['wk', 'wid', 'Wk', 'wid'], { set: { st: 'C' } }),
  lists(['invLst', '/inv', 'Invoices'], ['inv', 'Inv'], {
    paging,
    filters: [
      same('cid', KEYS.cid),
      same('q_st', doc.INV_ST, 'st'),
      atLeast('amt_min', amount('Amount from, EUR'), 'amt'),
    ],
  }),
  changes(['invPay', '/inv/{ino}/pay', 'Book payment of invoice'], ['inv', 'ino', 'Inv', 'ino'], {
    body: object({ 'd_pd!': day('Date paid') }),
    set: { st: 'P' },
  }),
].map(checked);

/** A water laboratory's old system: short names, short words. */
export const SERVICE = service({
  id: 'waterlab',
  name: 'AquaLIMS',
  description: 'Samples, results, worklists, customers and invoices of a water laboratory.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
