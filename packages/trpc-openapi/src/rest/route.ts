// The operations that REST serves and the document describes.
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import type { $ZodType } from 'zod/v4/core';
import type { Transport } from '../chain.ts';
import { type Contract, type Http, type Kind, type Op, operations } from '../contract.ts';
import { chainOf } from '../implement.ts';

/** Description of one REST operation. */
export type Route = {
  readonly name: string;
  readonly kind: Kind;
  readonly http: Http;
  readonly tags: readonly string[];
  readonly input: $ZodType;
  readonly output: $ZodType;
  readonly errors: readonly string[];
  /** `null`: open to all. */
  readonly scope: string | null;
  /** As `readScope` of `Op`. */
  readonly readScope?: string | undefined;
};

/** A route with the code behind it. */
export type Served = Route & {
  /** Authorises and checks without running the handler. */
  readonly prepare: (ctx: unknown, readInput: () => unknown) => Promise<unknown>;
  readonly run: (ctx: unknown, readInput: () => unknown, transport: Transport) => Promise<unknown>;
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

/** Every operation with a REST path, in the order of the contract. */
export const routesOf = (contract: Contract): Route[] =>
  operations(contract).flatMap(({ name, op }) => (op.http ? [ofOp(name, op, op.http)] : []));

/** The same with the code to run, from a router that `implement` made. */
export function servedRoutes(router: AnyTRPCRouter): Served[] {
  const procedures = Object.entries(router._def.procedures as Record<string, AnyTRPCProcedure>);
  return procedures.flatMap(([name, procedure]): Served[] => {
    const chain = chainOf(procedure);
    if (!chain?.op.http) return [];
    const run: Served['run'] = async (ctx, readInput, transport) => {
      const result = chain.handle(await chain.prepare(ctx, readInput), transport);
      if (!(result instanceof Promise)) return result;
      const value = await result;
      transport.ready?.();
      return value;
    };
    return [{ ...ofOp(name, chain.op, chain.op.http), prepare: chain.prepare, run }];
  });
}
