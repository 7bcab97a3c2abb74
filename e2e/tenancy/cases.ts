// Inputs of operations with ids of another workspace.
import { type AnyOperation, type Hole, holesOf, type IdField, idFieldsOf, inputWith } from './id-fields.ts';
import { kinds, nobodys, samples, type Tenant } from './tenants.ts';

/** One input: the ids under test are foreign or unknown; the others are the caller's own. */
export type Case<O extends AnyOperation = AnyOperation> = {
  title: string;
  operation: O;
  input: unknown;
  foreign: (hole: Hole) => boolean;
};

/** For each id of each operation an input with that id foreign, and one with all ids foreign if there are several. */
export const casesOf = <O extends AnyOperation>(operations: readonly O[]): Case<O>[] =>
  operations.flatMap((operation) =>
    idFieldsOf(operation, kinds).flatMap((field: IdField) => {
      if (field.kind === null) return [];
      const input = inputWith(operation, kinds, field);
      const at = field.path
        .filter((key) => !/^[|&]/.test(key))
        .map((key) => (key === '[]' ? '0' : key === '*' ? 'key' : key));
      const here = at.join('/');
      const title = `${operation.name} ${here}`;
      const alone = { title, operation, input, foreign: (hole: Hole) => hole.path === here };
      const all = { title: `${title}, and all others`, operation, input, foreign: () => true };
      return holesOf(input).length > 1 ? [alone, all] : [alone];
    }),
  );

/** Ids for the holes of an input: foreign ones in `theirs`, and in their place unknown ones in `noones`. */
export async function idsFor(
  { operation, input, foreign }: Pick<Case, 'operation' | 'input' | 'foreign'>,
  owner: Tenant,
  caller: Tenant,
) {
  const theirs = new Map<Hole, string>();
  const noones = new Map<Hole, string>();
  for (const hole of holesOf(input)) {
    const real = await samples[hole.kind]!.real(foreign(hole) ? owner : caller, operation);
    theirs.set(hole, real);
    noones.set(hole, foreign(hole) ? nobodys(hole.kind, real) : real);
  }
  return { theirs, noones };
}
