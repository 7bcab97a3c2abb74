// Rows that belong to what is named by way of another thing: the visits of a customer, where visits tell their system and systems their customer.
import { join, output, path } from '../../answer/jsonata.ts';
import { isPaged, largestPage, withPages } from '../../answer/pages.ts';
import type { Value } from '../../intent/value.ts';
import { isAmong } from '../../lexicon/words.ts';
import { rowFieldsOf } from '../../tools/operation.ts';
import type { Field } from '../../tools/outputs.ts';
import { referenceNouns, type Source } from '../../tools/sources.ts';
import { draftId, type Offer, type Step, type Target } from '../draft.ts';
import { hasText, isOf } from './lookup.ts';
import { referredTo } from './naming.ts';

/** How sure it is, and what speaks against it. */
const SURE = 2;
const DOUBT = 0.6;

/** Rows that refer to rows that have a name, or that refer to what is called so; only for names that rows were seen to have. */
export function referredThrough(value: Value, target: Target): Offer[] {
  const { operation, catalog } = target;
  if (catalog === undefined || value.seen === undefined) return [];
  return rowFieldsOf(operation).flatMap((field) => {
    const nouns = referenceNouns(field);
    // All rows are of the one thing that the call asks for.
    const isAsked = operation.slots.some(({ use, required, name }) => use === 'id' && required && name === field.name);
    if (isAsked || field.path.length > 1 || nouns.some((one) => isAmong(one, operation.nouns))) return [];
    const lists = nouns.flatMap((noun) => catalog.sources(noun)).filter((one) => isOpen(one, target));
    return [...new Set(lists)].slice(0, 2).flatMap((source) => through(field, source, value, target));
  });
}

/** All rows of which can be listed. */
const isOpen = ({ main, rows, operation }: Source, target: Target): boolean =>
  main &&
  rows !== undefined &&
  rows.join() === operation.outline.rows?.path.join() &&
  operation !== target.operation &&
  target.catalog!.looked.has(operation.tool);

function through(field: Field, { operation, id }: Source, value: Value, target: Target): Offer[] {
  const own = rowFieldsOf(operation).find(isOf(value, operation.tool));
  const text = own && { steps: [], used: [value], predicate: hasText(own, value.text) };
  const offers = text ? [text] : referredTo(value, { ...target, operation }, SURE);
  const limit = operation.slots.find(({ use }) => use === 'limit');
  const args = limit === undefined ? [] : [{ slot: limit, value: largestPage(limit) }];
  const reason = `Find those of ${value.text}`;
  const stepId = draftId(operation, 'through');
  const plain: Step = { id: stepId, operation, purpose: 'lookup', args, filled: [], reason, isSpoken: true };
  const step = withPages(plain);
  if (step?.all === undefined && isPaged(plain)) return [];
  const rows = step?.all ?? join(output(plain.id), operation.outline.rows!.path);
  return offers.slice(0, 1).map(({ steps, used, predicate }): Offer => {
    const ids = `$$.${rows}[${predicate}].${path(id)}`;
    return {
      fills: [],
      steps: [...steps, step ?? plain],
      used,
      refers: field.name,
      predicate: `${path(field.path)} in [${ids}]`,
      sure: SURE,
      doubt: DOUBT,
    };
  });
}
