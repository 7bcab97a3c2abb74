// Builds the tRPC router of a contract from its handlers.
import { initTRPC, type TRPCCreateRouterOptions } from '@trpc/server';
import {
  type AnyHandler,
  type Authorize,
  type Call,
  type CompiledOperation,
  type Confine,
  compileOperation,
  createLastEventIdMover,
  type PreparedCall,
  type Transport,
  trpcItems,
} from './compile-operation.ts';
import {
  type AnyOperation,
  type Contract,
  isOperation,
  type Operation,
  type OutputOf,
  type RouterOf,
} from './contract.ts';
import { NoContent, Raw, type StreamItem } from './handler-result.ts';
import { createProblemRenderer, type ProblemOptions, toErrorShape, toTrpcError } from './problem.ts';

/** The handler of one operation, for code that keeps each in a file of its own: `Handler<typeof contract.runs.get, Ctx>`. */
export type Handler<T, Ctx> = T extends AnyOperation
  ? (
      call: Call<OutputOf<T['input']>, Ctx>,
    ) => T['kind'] extends 'subscription'
      ? AsyncIterable<StreamItem<OutputOf<T['output']>>> | Promise<AsyncIterable<StreamItem<OutputOf<T['output']>>>>
      : OutputOf<T['output']> | Raw<OutputOf<T['output']>> | Promise<OutputOf<T['output']> | Raw<OutputOf<T['output']>>>
  : never;

/** One handler for each operation, in the contract's shape: a missing or wrong one does not compile. */
export type Handlers<C, Ctx> = { [K in keyof C]: C[K] extends AnyOperation ? Handler<C[K], Ctx> : Handlers<C[K], Ctx> };

export type ImplementOptions<Ctx, HandlerContext> = ProblemOptions & {
  /** Runs before the input is read. Throws a `ProblemError` to reject the call; otherwise returns the `ctx` of handlers. */
  readonly authorize?: Authorize<Ctx, HandlerContext>;
  /** Runs after the input was checked: rejects the call, or returns the input for the handler. */
  readonly confine?: Confine<HandlerContext>;
  /**
   * Check every result against its schema, and answer 500 when it does not fit. For development and tests: results are
   * typed by the contract already, and the check adds about a third to the cost of a list of twenty.
   */
  readonly validateOutput?: boolean;
  /** Milliseconds between pings of tRPC subscriptions; default 20 000. */
  readonly pingMs?: number;
};

type PreparedContext = { ctx: { call: PreparedCall; transport: Transport } };

const compiledOperations = new WeakMap<object, CompiledOperation>();

/** The compiled operation behind a procedure that `implement` made. */
export const compiledOperationOf = (procedure: object): CompiledOperation | undefined =>
  compiledOperations.get(procedure);

const requestIds = new WeakMap<object, string>();

/** Adds the id of the request to its errors. */
export function setRequestId(ctx: unknown, id: string): void {
  if (typeof ctx === 'object' && ctx !== null) requestIds.set(ctx, id);
}

/**
 * Builds the router of a contract.
 * @param handlers in the contract's shape
 * @param options the error table, the authorisation hook and the development checks
 */
export function implement<const C extends Contract, Ctx extends object = object, HandlerContext = Ctx>(
  contract: C,
  handlers: Handlers<C, HandlerContext>,
  options: ImplementOptions<Ctx, HandlerContext> = {},
): RouterOf<C> {
  const problems = createProblemRenderer(options);
  const pingMs = options.pingMs ?? 20_000;
  const t = initTRPC.context<object>().create({
    errorFormatter: ({ error, path, ctx }) => toErrorShape(error, problems, path, ctx && requestIds.get(ctx)),
    sse: { ping: { enabled: true, intervalMs: pingMs }, client: { reconnectAfterInactivityMs: 3 * pingMs } },
  });

  const toProcedure = (name: string, op: Operation, handler: AnyHandler) => {
    if (typeof handler !== 'function') throw new Error(`The handler of ${name} is missing.`);
    const compiled = compileOperation(name, op, handler, options);
    const moveLastEventId = createLastEventIdMover(op);
    const preparedProcedure = t.procedure.use(async ({ ctx, getRawInput, signal, next }) => {
      const call = await compiled.prepare(ctx, async () => moveLastEventId(await getRawInput())).catch(rethrow);
      return next({ ctx: { call, transport: new TrpcTransport(signal) } });
    });
    const rethrow = (error: unknown): never => {
      throw toTrpcError(error, problems);
    };
    const answer = async ({ ctx: { call, transport } }: PreparedContext): Promise<unknown> =>
      unwrapRaw(await runAsync(() => compiled.handle(call, transport)).catch(rethrow));
    const build = {
      query: () => preparedProcedure.query(answer),
      mutation: () => preparedProcedure.mutation(answer),
      subscription: () =>
        preparedProcedure.subscription(async ({ ctx }) => {
          const items = await runAsync(() => compiled.handle(ctx.call, ctx.transport)).catch((error: unknown) =>
            error instanceof NoContent ? EMPTY_STREAM : rethrow(error),
          );
          return rethrowErrors(trpcItems(items as AsyncIterable<unknown>), rethrow);
        }),
    };
    const procedure = build[op.kind]();
    compiledOperations.set(procedure, compiled);
    return procedure;
  };

  const toProcedures = (
    part: Contract,
    partHandlers: Record<string, unknown>,
    prefix: string,
  ): TRPCCreateRouterOptions =>
    Object.fromEntries(
      Object.entries(part).map(([key, value]) => [
        key,
        isOperation(value)
          ? toProcedure(prefix + key, value, partHandlers?.[key] as AnyHandler)
          : toProcedures(value, partHandlers?.[key] as Record<string, unknown>, `${prefix}${key}.`),
      ]),
    );
  return t.router(toProcedures(contract, handlers as Record<string, unknown>, '')) as unknown as RouterOf<C>;
}

const runAsync = async (run: () => unknown): Promise<unknown> => run();

const unwrapRaw = (value: unknown): unknown => (value instanceof Raw ? value.value() : value);

const EMPTY_STREAM: AsyncIterable<never> = { async *[Symbol.asyncIterator]() {} };

async function* rethrowErrors(source: AsyncIterable<unknown>, rethrow: (error: unknown) => never) {
  try {
    yield* source;
  } catch (error) {
    rethrow(error);
  }
}

class TrpcTransport implements Transport {
  constructor(private readonly requestSignal: AbortSignal | undefined) {}
  get signal() {
    return this.requestSignal ?? new AbortController().signal;
  }
  reply() {}
}
