import { expect, test } from 'vitest';
import { allowableOrigin } from './allowable-origin.ts';

const REMEDY =
  'An administrator can allow it for the workspace: PUT /v1/workspace/origins with {"origin":"http://10.0.0.7:8080"}. Or the operator of this service adds http://10.0.0.7:8080 to ERRAND_EGRESS_ALLOW and restarts.';

test('the origin of a refusal that an administrator can lift', () => {
  expect(allowableOrigin({ code: 'url_not_allowed', remedy: REMEDY })).toBe('http://10.0.0.7:8080');
});

test.each([
  { code: 'url_not_allowed' },
  { code: 'url_not_allowed', remedy: 'Use the address of the service itself.' },
  { code: 'openapi_invalid', remedy: REMEDY },
])('none in %j', (problem) => {
  expect(allowableOrigin(problem)).toBeUndefined();
});
