// Builds the tRPC router of a contract from its handlers.
import { initTRPC, type TRPCCreateRouterOptions } from '@trpc/server';
import { NoContent, Raw, type StreamItem } from './answer.ts';
import {
  type AnyHandler,
  type Authorize,
  type Call,
  type Chain,
  compile,
  lastEventIdReader,
  type Prepared,
  type Transport,
  trpcItems,
} from './chain.ts';
import { type AnyOp, type Contract, isOp, type Op, type Out, type RouterOf } from './contract.ts';
import { errorShape, type ProblemOptions, problemsOf, toTrpcError } from './problem.ts';

/** The handler of one operation, for code that keeps each in a file of its own: `Handler<typeof contract.runs.get, Ctx>`. */
export type Handler<T, Ctx> = T extends AnyOp
  ? (
      call: Call<Out<T['input']>, Ctx>,
    ) => T['kind'] extends 'subscription'
      ? AsyncIterable<StreamItem<Out<T['output']>>> | Promise<AsyncIterable<StreamItem<Out<T['output']>>>>
      : Out<T['output']> | Raw<Out<T['output']>> | Promise<Out<T['output']> | Raw<Out<T['output']>>>
  : never;

/** One handler for each operation, in the contract's shape: a missing or wrong one does not compile. */
export type Handlers<C, Ctx> = { [K in keyof C]: C[K] extends AnyOp ? Handler<C[K], Ctx> : Handlers<C[K], Ctx> };

export type ImplementOptions<Ctx, Caller> = ProblemOptions & {
  /** Runs before the input is read. Throws a `ProblemError` to reject the call; otherwise returns the `ctx` of handlers. */
  readonly authorize?: Authorize<Ctx, Caller>;
  /**
   * Check every result against its schema, and answer 500 when it does not fit. For development and tests: results are
   * typed by the contract already, and the check adds about a third to the cost of a list of twenty.
   */
  readonly validateOutput?: boolean;
  /** Milliseconds between pings of tRPC subscriptions; default 20 000. */
  readonly pingMs?: number;
};

type Handling = { ctx: { call: Prepared; transport: Transport } };

const chains = new WeakMap<object, Chain>();

/** The compiled operation behind a procedure that `implement` made. */
export const chainOf = (procedure: object): Chain | undefined => chains.get(procedure);

const requestIds = new WeakMap<object, string>();

/** Adds the id of the request to its errors. */
export function nameRequest(ctx: unknown, id: string): void {
  if (typeof ctx === 'object' && ctx !== null) requestIds.set(ctx, id);
}

/**
 * Builds the router of a contract.
 * @param handlers in the contract's shape
 * @param options the error table, the authorisation hook and the development checks
 */
export function implement<const C extends Contract, Ctx extends object = object, Caller = Ctx>(
  contract: C,
  handlers: Handlers<C, Caller>,
  options: ImplementOptions<Ctx, Caller> = {},
): RouterOf<C> {
  const problems = problemsOf(options);
  const pingMs = options.pingMs ?? 20_000;
  const t = initTRPC.context<object>().create({
    errorFormatter: ({ error, path, ctx }) => errorShape(error, problems, path, ctx && requestIds.get(ctx)),
    sse: { ping: { enabled: true, intervalMs: pingMs }, client: { reconnectAfterInactivityMs: 3 * pingMs } },
  });

  const procedureOf = (name: string, op: Op, handler: AnyHandler) => {
    if (typeof handler !== 'function') throw new Error(`The handler of ${name} is missing.`);
    const chain = compile(name, op, handler, options);
    const relocate = lastEventIdReader(op);
    const prepared = t.procedure.use(async ({ ctx, getRawInput, signal, next }) => {
      const call = await chain.prepare(ctx, async () => relocate(await getRawInput())).catch(refuse);
      return next({ ctx: { call, transport: new TrpcTransport(signal) } });
    });
    const refuse = (error: unknown): never => {
      throw toTrpcError(error, problems);
    };
    const answer = async ({ ctx: { call, transport } }: Handling): Promise<unknown> =>
      plain(await settle(() => chain.handle(call, transport)).catch(refuse));
    const build = {
      query: () => prepared.query(answer),
      mutation: () => prepared.mutation(answer),
      subscription: () =>
        prepared.subscription(async ({ ctx }) => {
          const items = await settle(() => chain.handle(ctx.call, ctx.transport)).catch((error: unknown) =>
            error instanceof NoContent ? nothing : refuse(error),
          );
          return refusing(trpcItems(items as AsyncIterable<unknown>), refuse);
        }),
    };
    const procedure = build[op.kind]();
    chains.set(procedure, chain);
    return procedure;
  };

  const record = (part: Contract, ownHandlers: Record<string, unknown>, prefix: string): TRPCCreateRouterOptions =>
    Object.fromEntries(
      Object.entries(part).map(([key, value]) => [
        key,
        isOp(value)
          ? procedureOf(prefix + key, value, ownHandlers?.[key] as AnyHandler)
          : record(value, ownHandlers?.[key] as Record<string, unknown>, `${prefix}${key}.`),
      ]),
    );
  return t.router(record(contract, handlers as Record<string, unknown>, '')) as unknown as RouterOf<C>;
}

const settle = async (run: () => unknown): Promise<unknown> => run();

const plain = (value: unknown): unknown => (value instanceof Raw ? value.value() : value);

const nothing: AsyncIterable<never> = { async *[Symbol.asyncIterator]() {} };

async function* refusing(source: AsyncIterable<unknown>, refuse: (error: unknown) => never) {
  try {
    yield* source;
  } catch (error) {
    refuse(error);
  }
}

class TrpcTransport implements Transport {
  constructor(private readonly requestSignal: AbortSignal | undefined) {}
  get signal() {
    return this.requestSignal ?? new AbortController().signal;
  }
  reply() {}
}
