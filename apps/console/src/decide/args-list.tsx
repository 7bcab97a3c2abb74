import type { ReactNode } from 'react';
import { Text } from '../display/text.tsx';
import { fieldsOf } from './form/fields.ts';
import { type Json, valueAt } from './form/json.ts';
import type { Schema } from './form/resolve.ts';
import { ValueText } from './form/value-text.tsx';

/** Arguments that have a value. */
export function ArgsList({
  args,
  schema,
  hintOf,
}: {
  args: Json;
  schema: Schema;
  hintOf?: (pointer: string) => ReactNode;
}) {
  const fields = fieldsOf(schema, args).filter(({ path }) => valueAt(args, path) !== undefined);
  if (fields.length === 0) return <p className="text-dim">There are none.</p>;
  return (
    <dl className="grid grid-cols-[minmax(80px,max-content)_minmax(0,1fr)] gap-x-4 gap-y-1.5 max-sm:grid-cols-1 max-sm:gap-y-0.5">
      {fields.map(({ pointer, path, label }) => (
        <div key={pointer} className="contents">
          <dt className="max-w-48 text-dim max-sm:mt-1">
            <Text>{label}</Text>
          </dt>
          <dd className="min-w-0 break-words">
            <ValueText value={valueAt(args, path)} />
            <div className="text-sm text-dim">{hintOf?.(pointer)}</div>
          </dd>
        </div>
      ))}
    </dl>
  );
}
