// The operations that REST serves and the document describes, from a contract or from any tRPC 11 router.
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { checkValue } from '../check-value.ts';
import type { Transport } from '../compile-operation.ts';
import { type Contract, type HttpRoute, type Operation, type OperationKind, operations } from '../contract.ts';
import { compiledOperationOf } from '../implement.ts';

/** Description of one REST operation. */
export type Route = {
  readonly name: string;
  readonly kind: OperationKind;
  readonly http: HttpRoute;
  readonly tags: readonly string[];
  readonly input: $ZodType;
  readonly output: $ZodType;
  readonly errors: readonly string[];
  /** `null`: open to all; undefined: the router names no scope. */
  readonly scope?: string | null | undefined;
  /** As `readScope` of `Op`. */
  readonly readScope?: string | undefined;
};

/** A route with the code behind it. */
export type ServedRoute = Route & {
  /** Authorises and checks without running the handler; a procedure without a contract cannot be divided like that. */
  readonly prepare?: (ctx: unknown, readInput: () => unknown) => Promise<unknown>;
  readonly run: (ctx: unknown, readInput: () => unknown, transport: Transport) => Promise<unknown>;
};

/** `meta.openapi` of a procedure in a router that was written without a contract. */
export type OpenApiMeta = Omit<HttpRoute, 'tag' | 'status'> & {
  readonly tags?: readonly string[];
  readonly successStatus?: number;
  /** `false`: the document asks for no credential. */
  readonly protect?: boolean;
  readonly scope?: string | null;
  /** Codes of the expected errors. */
  readonly errors?: readonly string[];
  /** `false`: REST does not serve the procedure. */
  readonly enabled?: boolean;
};

const toRoute = (name: string, op: Operation, http: HttpRoute): Route => ({
  name,
  kind: op.kind,
  http,
  tags: http.tag ? [http.tag] : [],
  input: op.input as unknown as $ZodType,
  output: op.output as unknown as $ZodType,
  errors: op.errors,
  // An operation for certain callers needs a caller, with any scope.
  scope: op.scope ?? (op.callers === undefined ? null : undefined),
  readScope: op.readScope,
});

type ProcedureDef = { type: OperationKind; inputs: $ZodType[]; output?: $ZodType; meta?: { openapi?: OpenApiMeta } };

function toRouteFromMeta(name: string, def: ProcedureDef, meta: OpenApiMeta): Route {
  if (def.inputs.length > 1) throw new Error(`${name}: give one .input() schema; several cannot be documented.`);
  const { successStatus, tags = [], errors = [], protect, scope, enabled: _, ...http } = meta;
  return {
    name,
    kind: def.type,
    http: { ...http, ...(successStatus && { status: successStatus }) },
    tags,
    input: def.inputs[0] ?? z.strictObject({}),
    output: def.output ?? z.unknown(),
    errors,
    scope: protect === false ? null : scope,
  };
}

const isRouter = (source: Contract | AnyTRPCRouter): source is AnyTRPCRouter =>
  typeof (source as { _def?: { procedures?: unknown } })._def?.procedures === 'object';

/** Every operation with a REST path, in the order of the contract. */
export function routesOf(source: Contract | AnyTRPCRouter): Route[] {
  if (isRouter(source)) return servedRoutes(source);
  return operations(source).flatMap(({ name, op }) => (op.http ? [toRoute(name, op, op.http)] : []));
}

/** The operations of a router with the code that runs them. */
export function servedRoutes(router: AnyTRPCRouter): ServedRoute[] {
  const procedures = Object.entries(router._def.procedures as Record<string, AnyTRPCProcedure>);
  return procedures.flatMap(
    ([name, procedure]) => serveOperation(name, procedure) ?? serveProcedure(name, procedure) ?? [],
  );
}

/** A procedure that `implement` made; an operation without a REST path is not served. */
function serveOperation(name: string, procedure: AnyTRPCProcedure): ServedRoute[] | undefined {
  const compiled = compiledOperationOf(procedure);
  if (!compiled) return undefined;
  if (!compiled.op.http) return [];
  const run: ServedRoute['run'] = async (ctx, readInput, transport) => {
    const result = compiled.handle(await compiled.prepare(ctx, readInput), transport);
    if (!(result instanceof Promise)) return result;
    const value = await result;
    transport.ready?.();
    return value;
  };
  return [{ ...toRoute(name, compiled.op, compiled.op.http), prepare: compiled.prepare, run }];
}

/** Any other procedure with `meta.openapi`, called as tRPC's own caller does: its middlewares refuse before the input is read. */
function serveProcedure(path: string, procedure: AnyTRPCProcedure): ServedRoute | undefined {
  const def = procedure._def as unknown as ProcedureDef;
  const meta = def.meta?.openapi;
  if (!meta || meta.enabled === false) return undefined;
  const run: ServedRoute['run'] = (ctx, readInput, transport) =>
    procedure({
      path,
      type: def.type,
      ctx,
      batchIndex: 0,
      signal: transport.signal,
      getRawInput: async () => {
        const input = await readInput();
        checkValue(input);
        return input;
      },
    });
  return { ...toRouteFromMeta(path, def, meta), run };
}
