import type { CrmData } from './data.ts';
import type { Schema } from './schema.ts';

/** The validated input of a caller, in concept names. */
export type Input<Q = unknown, B = unknown> = { readonly id: string; readonly query: Q; readonly body: B };

/** One operation of the service: its documentation and its implementation, in concept names. */
export type Operation = {
  /** `verbNoun`; the verb is one of list, get, create, update, delete. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly query: Readonly<Record<string, Schema>>;
  /** Names of the required query parameters. */
  readonly requiredQuery: readonly string[];
  /** Component of the body. */
  readonly body?: string;
  readonly status: 200 | 201 | 204;
  /** Component of the answer; absent with 204. */
  readonly answer?: string;
  /** Statuses of expected errors beyond 400, 401. */
  readonly errors: readonly (404 | 409 | 422)[];
  handle(data: CrmData, input: Input<never, never>): unknown;
};

type Defaults = 'query' | 'requiredQuery' | 'status' | 'errors' | 'handle';
type Spec<Q, B> = Omit<Operation, Defaults> &
  Partial<Omit<Pick<Operation, Defaults>, 'handle'>> & {
    /** Synchronous, so that each request is atomic. */
    handle(data: CrmData, input: Input<Q, B>): unknown;
  };

/** Defines an operation; `Q` and `B` are the types of its validated query and body. */
export const operation = <Q = unknown, B = unknown>(spec: Spec<Q, B>): Operation => ({
  query: {},
  requiredQuery: [],
  status: 200,
  errors: [],
  ...spec,
});

/** An expected error. `message` is prose in concept names; `{}` stands for `subject`, which is never translated. */
export class CrmError extends Error {
  override readonly name = 'CrmError';
  constructor(
    readonly status: 400 | 401 | 404 | 409 | 422,
    readonly code: string,
    message: string,
    readonly about: { subject?: string; path?: string } = {},
  ) {
    super(message);
  }
}
