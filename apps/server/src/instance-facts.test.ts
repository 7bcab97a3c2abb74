import { expect, test } from 'vitest';
import { toConfig } from './config/config.ts';
import type { Env } from './config/settings.ts';
import { instanceFacts } from './instance-facts.ts';
import { ModelCalls } from './planning/model-calls.ts';

const factsOf = (env: Env) => instanceFacts(toConfig(env), new ModelCalls());

test('the floors are those that apply to every run', () => {
  expect(factsOf({}).approvals.floors).toEqual([]);
  expect(factsOf({ ERRAND_FOUR_EYES: 'true' }).approvals.floors).toEqual(['ON_WRITE']);
  const both: Env = { ERRAND_FOUR_EYES: 'true', ERRAND_APPROVAL_FLOOR: 'ON_WRITE' };
  expect(factsOf(both).approvals.floors).toEqual(['ON_WRITE']);
  expect(factsOf({ ERRAND_APPROVAL_FLOOR: 'ON_TOOL_CALL' }).approvals.floors).toEqual(['ON_TOOL_CALL']);
});

test('people sign in by OpenID Connect if its issuer is set', () => {
  const config = toConfig({});
  const setting = { ...config.settings[0]!, name: 'ERRAND_OIDC_ISSUER' };
  const oidcOf = (isSet: boolean) =>
    instanceFacts({ ...config, settings: [{ ...setting, isSet }] }, new ModelCalls()).features.oidc;
  expect([oidcOf(true), oidcOf(false), factsOf({}).features.oidc]).toEqual([true, false, false]);
});

test('a workspace has as many slots as the queue gives it', () => {
  expect(factsOf({}).limits.runsAtOnce).toBe(60);
  expect(factsOf({ ERRAND_WORKER_CONCURRENCY: '10' }).limits.runsAtOnce).toBe(6);
  expect(factsOf({ ERRAND_WORKSPACE_CONCURRENCY: '7' }).limits.runsAtOnce).toBe(7);
});
