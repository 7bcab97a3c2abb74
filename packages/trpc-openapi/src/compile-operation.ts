// Compiles an operation and its handler into the steps of a call: authorise → check → parse → handle. REST and tRPC both run them.
import { isTrackedEnvelope, tracked } from '@trpc/server';
import { type $ZodType, safeParse } from 'zod/v4/core';
import { checkValue } from './check-value.ts';
import type { Operation, OperationKind } from './contract.ts';
import { NoContent, Raw, type ReplyOptions, SseItem } from './handler-result.ts';
import { invalidInput } from './input-errors/invalid-input.ts';
import { createDecoder } from './rest/decode.ts';
import { fieldsOf } from './schema.ts';

/** The access of a handler to its transport. */
export type Transport = {
  /** Aborted when the caller has left. */
  readonly signal: AbortSignal;
  reply(answer: ReplyOptions): void;
  /** The promise of a subscription's handler is fulfilled, so the stream may open. */
  ready?(): void;
};

/** The argument of a handler. Destructure it in the parameter list: members are created on access. */
export type Call<Input, Ctx> = {
  readonly input: Input;
  readonly ctx: Ctx;
  readonly signal: AbortSignal;
  /** Sets parts of the REST answer; ignored over tRPC. */
  readonly reply: (answer: ReplyOptions) => void;
};

/** Runs before the input is read, so that 401 and 403 precede 400. May return the context for the handler. */
export type Authorize<Ctx, HandlerContext> = (request: {
  ctx: Ctx;
  op: Operation;
  name: string;
}) => HandlerContext | Promise<HandlerContext>;

/**
 * Runs after the input was checked, and returns the input for the handler.
 * @param raw the input as the caller sent it, without defaults
 */
export type Confine<HandlerContext> = (ctx: HandlerContext, name: string, input: unknown, raw: unknown) => unknown;

export type CompileOptions = {
  readonly authorize?: Authorize<never, unknown>;
  readonly confine?: Confine<never>;
  readonly validateOutput?: boolean;
};

export type PreparedCall = { readonly ctx: unknown; readonly input: unknown };

export type CompiledOperation = {
  readonly op: Operation;
  /** Authorises, then reads and checks the input. */
  prepare(ctx: unknown, readInput: () => unknown): Promise<PreparedCall>;
  /** The handler's result: a value, a `Raw`, or for a subscription an async iterable of `StreamItem`s. */
  handle(prepared: PreparedCall, transport: Transport): unknown;
};

export type AnyHandler = (call: Call<unknown, unknown>) => unknown;

class HandlerCall implements Call<unknown, unknown> {
  constructor(
    private readonly prepared: PreparedCall,
    private readonly transport: Transport,
  ) {}
  get input() {
    return this.prepared.input;
  }
  get ctx() {
    return this.prepared.ctx;
  }
  get signal() {
    return this.transport.signal;
  }
  get reply() {
    return (answer: ReplyOptions) => this.transport.reply(answer);
  }
}

/** @param name dotted name of the operation */
export function compileOperation(
  name: string,
  op: Operation,
  handler: AnyHandler,
  options: CompileOptions,
): CompiledOperation {
  const input = op.input as unknown as $ZodType;
  const authorize = options.authorize as Authorize<unknown, unknown> | undefined;
  const confine = options.confine as Confine<unknown> | undefined;
  const check = options.validateOutput ? createOutputCheck(name, op.output as unknown as $ZodType) : undefined;
  return {
    op,
    async prepare(ctx, readInput) {
      const handlerContext = authorize ? await authorize({ ctx, op, name }) : undefined;
      const raw = await readInput();
      checkValue(raw);
      const parsed = safeParse(input, raw);
      if (!parsed.success) throw invalidInput(input, parsed.error.issues);
      const callContext = handlerContext ?? ctx;
      const confined = confine ? confine(callContext, name, parsed.data, raw) : parsed.data;
      return { ctx: callContext, input: confined instanceof Promise ? await confined : confined };
    },
    handle(prepared, transport) {
      const result = handler(new HandlerCall(prepared, transport));
      return check ? check(op.kind, result) : result;
    },
  };
}

/** For development: a result that does not match its schema becomes an unexpected error. Results are never changed. */
function createOutputCheck(name: string, output: $ZodType) {
  const check = (value: unknown) => {
    const parsed = safeParse(output, value);
    if (!parsed.success) throw new Error(`The result of ${name} does not fit its schema.`, { cause: parsed.error });
  };
  async function* checkedItems(source: AsyncIterable<unknown>) {
    for await (const item of source) {
      check(itemValue(item));
      yield item;
    }
  }
  return (kind: OperationKind, result: unknown): unknown => {
    if (kind === 'subscription' && !(result instanceof Promise)) return checkedItems(result as AsyncIterable<unknown>);
    return Promise.resolve(result).then((value) => {
      if (kind === 'subscription') return checkedItems(value as AsyncIterable<unknown>);
      check(value instanceof Raw ? value.value() : value);
      return value;
    });
  };
}

const itemValue = (item: unknown): unknown =>
  item instanceof SseItem ? JSON.parse(item.json) : isTrackedEnvelope(item) ? item[1] : item;

/** A stream for tRPC: `tracked` envelopes, and an end instead of `NoContent`. */
export async function* trpcItems(source: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
  try {
    for await (const item of source) {
      yield item instanceof SseItem ? tracked(item.id, JSON.parse(item.json)) : item;
    }
  } catch (error) {
    if (!(error instanceof NoContent)) throw error;
  }
}

/** tRPC passes the last id of a reconnecting client as `lastEventId`. This moves it to the field of the operation. */
export function createLastEventIdMover(op: Operation): (raw: unknown) => unknown {
  const entry = Object.entries(op.http?.headers ?? {}).find(([header]) => header.toLowerCase() === 'last-event-id');
  const field = entry && fieldsOf(op.input as unknown as $ZodType).fields.get(entry[1]);
  if (!field) return (raw) => raw;
  const decode = createDecoder(field.schemas);
  return (raw) => {
    if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, 'lastEventId')) return raw;
    const { lastEventId, ...rest } = raw as Record<string, unknown>;
    return { ...rest, [field.name]: decode(lastEventId) };
  };
}
