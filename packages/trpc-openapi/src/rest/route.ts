// What REST serves and the document describes, read from a contract or from any tRPC 11 router.
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import type { $ZodType } from 'zod/v4/core';
import type { Transport } from '../chain.ts';
import { checkValue } from '../check.ts';
import { type Contract, type Http, type Kind, type Method, type Op, operations } from '../contract.ts';
import { chainOf } from '../implement.ts';

/** Description of one REST operation. */
export type Route = {
  readonly name: string;
  readonly kind: Kind;
  readonly http: Http;
  readonly tags: readonly string[];
  readonly input: $ZodType | undefined;
  readonly output: $ZodType | undefined;
  readonly errors: readonly string[];
  /** `null`: open to all; absent: the router does not say. */
  readonly scope?: string | null;
  /** As `readScope` of `Op`. */
  readonly readScope?: string | undefined;
};

/** A route with the code behind it. */
export type Served = Route & {
  /** Authorises and checks without running the handler; a foreign procedure cannot be divided like that. */
  readonly prepare?: (ctx: unknown, readInput: () => unknown) => Promise<unknown>;
  readonly run: (ctx: unknown, readInput: () => unknown, transport: Transport) => Promise<unknown>;
};

/** `meta.openapi` of a procedure in a router that was written without a contract. */
export type OpenApiMeta = {
  readonly method: Method;
  readonly path: `/${string}`;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly successStatus?: number;
  readonly deprecated?: boolean;
  /** `false`: the document asks for no credential. */
  readonly protect?: boolean;
  readonly scope?: string | null;
  /** Codes of the expected errors. */
  readonly errors?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: readonly string[];
  readonly contentType?: string;
  readonly bodyLimit?: number;
  readonly enabled?: boolean;
};

const ofOp = (name: string, op: Op, http: Http): Route => ({
  name,
  kind: op.kind,
  http,
  tags: http.tag ? [http.tag] : [],
  input: op.input as unknown as $ZodType,
  output: op.output as unknown as $ZodType,
  errors: op.errors,
  scope: op.scope,
  readScope: op.readScope,
});

type ProcedureDef = { type: Kind; inputs: $ZodType[]; output?: $ZodType; meta?: { openapi?: OpenApiMeta } };

const defOfProcedure = (procedure: AnyTRPCProcedure) => procedure._def as unknown as ProcedureDef;

function ofMeta(name: string, def: ProcedureDef, meta: OpenApiMeta): Route {
  if (def.inputs.length > 1) throw new Error(`${name}: give one .input() schema; several cannot be documented.`);
  const { method, path, successStatus: status, tags, ...rest } = meta;
  return {
    name,
    kind: def.type,
    http: { ...rest, method, path, status },
    tags: tags ?? [],
    input: def.inputs[0],
    output: def.output,
    errors: meta.errors ?? [],
    scope: meta.protect === false ? null : meta.scope,
  };
}

const isRouter = (source: Contract | AnyTRPCRouter): source is AnyTRPCRouter =>
  typeof (source as { _def?: { procedures?: unknown } })._def?.procedures === 'object';

/** Every operation with a REST path, in the order of the contract. */
export function routesOf(source: Contract | AnyTRPCRouter): Route[] {
  if (isRouter(source)) return servedRoutes(source);
  return operations(source).flatMap(({ name, op }) => (op.http ? [ofOp(name, op, op.http)] : []));
}

/** The same with the code to run. */
export function servedRoutes(router: AnyTRPCRouter): Served[] {
  const procedures = Object.entries(router._def.procedures as Record<string, AnyTRPCProcedure>);
  return procedures.flatMap(([name, procedure]): Served[] => {
    const chain = chainOf(procedure);
    if (chain) {
      if (!chain.op.http) return [];
      const run: Served['run'] = async (ctx, readInput, transport) => {
        const result = chain.handle(await chain.prepare(ctx, readInput), transport);
        if (!(result instanceof Promise)) return result;
        const value = await result;
        transport.ready?.();
        return value;
      };
      return [{ ...ofOp(name, chain.op, chain.op.http), prepare: chain.prepare, run }];
    }
    const def = defOfProcedure(procedure);
    const meta = def.meta?.openapi;
    if (!meta || meta.enabled === false) return [];
    return [{ ...ofMeta(name, def, meta), run: foreign(name, procedure, def.type) }];
  });
}

/** Calls a procedure as tRPC's own caller does. Its middlewares run first, so that they refuse before the input is looked at. */
function foreign(path: string, procedure: AnyTRPCProcedure, type: Kind): Served['run'] {
  return (ctx, readInput, transport) =>
    procedure({
      path,
      type,
      ctx,
      batchIndex: 0,
      signal: transport.signal,
      getRawInput: async () => {
        const input = await readInput();
        checkValue(input);
        return input;
      },
    });
}
