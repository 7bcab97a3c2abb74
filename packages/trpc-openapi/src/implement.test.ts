import { expect, it } from 'vitest';
import { z } from 'zod';
import { mutation, query, type RouterOf, subscription } from './contract.ts';
import { type Handler, type Handlers, implement, ProblemError, tracked } from './index.ts';

const contract = {
  add: query({ input: z.object({ a: z.int(), b: z.int().default(1) }), output: z.int(), scope: null }),
  deep: { set: mutation({ input: z.object({}), output: z.null(), scope: 'set' }) },
  count: subscription({ input: z.object({ to: z.int() }), output: z.object({ n: z.int() }), scope: null }),
};
type Caller = { user: string };

const handlers: Handlers<typeof contract, Caller> = {
  add: ({ input }) => input.a + input.b,
  deep: { set: async () => null },
  count: async function* ({ input }) {
    for (let n = 1; n <= input.to; n++) yield tracked(String(n), { n });
  },
};

it('does not compile with a missing or wrong handler', () => {
  // @ts-expect-error: `count` is missing
  const missing: Handlers<typeof contract, Caller> = { add: handlers.add, deep: handlers.deep };
  // @ts-expect-error: text is no integer
  const wrong: Handler<typeof contract.add, Caller> = () => 'three';
  // @ts-expect-error: the context has no such member
  const ctx: Handler<typeof contract.add, Caller> = ({ ctx }) => ctx.key;
  // @ts-expect-error: the item does not fit
  const item: Handler<typeof contract.count, Caller> = async function* () {
    yield tracked('1', { n: 'one' });
  };
  expect([wrong, ctx, item]).toHaveLength(3);
  expect(() => implement(contract, missing)).toThrow('The handler of count is missing.');
});

it('makes a router that tRPC’s own caller can call', async () => {
  const router: RouterOf<typeof contract> = implement(contract, handlers);
  const caller = router.createCaller({});
  expect(await caller.add({ a: 2 })).toBe(3);
  expect(await caller.deep.set({})).toBe(null);
  await expect(caller.add({ a: 1.5 })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    cause: { code: 'validation_failed' },
  });
});

it('gives the handler what the authorisation returns', async () => {
  const router = implement(
    { who: query({ input: z.object({}), output: z.string(), scope: 'read' }) },
    { who: ({ ctx }) => ctx.user },
    {
      authorize: async ({ ctx, op, name }: { ctx: { key: string }; op: { scope: string | null }; name: string }) => {
        if (ctx.key === '') throw new ProblemError('unauthenticated');
        return { user: `${ctx.key}/${op.scope}/${name}` };
      },
    },
  );
  expect(await router.createCaller({ key: 'k' }).who({})).toBe('k/read/who');
  await expect(router.createCaller({ key: '' }).who({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

it('checks results only when asked to', async () => {
  const smallContract = { one: query({ input: z.object({}), output: z.int(), scope: null }) };
  const wrong = { one: () => 1.5 };
  expect(await implement(smallContract, wrong).createCaller({}).one({})).toBe(1.5);
  await expect(
    implement(smallContract, wrong, { validateOutput: true }).createCaller({}).one({}),
  ).rejects.toMatchObject({
    message: 'The result of one does not fit its schema.',
  });
});
