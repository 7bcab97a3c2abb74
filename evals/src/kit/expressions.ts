import jsonata from 'jsonata';
import type { Row, Tables, Template } from './service-data.ts';

/** The values that expressions read: the tables, the row, the arguments of the request, and the value of a condition. */
export type Scope = { tables: Tables; row?: Row; args: Row; value?: unknown };

const compiled = new Map<string, jsonata.Expression>();

/** @returns the value of a JSONata expression, undefined if it has none */
export async function evaluate(expression: string, { tables, ...bindings }: Scope): Promise<unknown> {
  const ready = compiled.get(expression) ?? jsonata(expression);
  compiled.set(expression, ready);
  return ready.evaluate(tables, bindings);
}

/** @returns the template with the values of its expressions; members without a value are left out */
export async function filled(template: Template, scope: Scope): Promise<unknown> {
  if (typeof template === 'string') return template.startsWith('=') ? evaluate(template.slice(1), scope) : template;
  if (Array.isArray(template)) return Promise.all(template.map((item) => filled(item, scope)));
  if (template === null || typeof template !== 'object') return template;
  const members = await Promise.all(
    Object.entries(template).map(async ([name, member]) => [name, await filled(member, scope)] as const),
  );
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
