import { expect, it } from 'vitest';
import { Auth } from './auth.ts';

const aws = {
  type: 'AWS_ASSUME_ROLE',
  roleArn: 'arn:aws:iam::123456789012:role/team/errand',
  region: 'us-gov-west-1',
  service: 's3',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'x',
};
const google = { type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH', serviceAccountKey: '{}', scopes: ['https://a.example.com/b'] };

it.each([
  { type: 'OAUTH2', clientId: 'c' },
  {
    type: 'OAUTH2',
    clientId: 'c',
    issuer: 'https://a.example.com',
    scopes: ['a:b', 'c/d'],
    parameters: { access_type: 'offline' },
  },
  aws,
  { ...aws, roleArn: 'arn:aws-cn:iam::123456789012:role/r', externalId: 'a:b/c', durationSeconds: 900 },
  google,
  { ...google, actAsUser: true },
])('takes %j', (auth) => {
  expect(Auth.parse(auth)).toEqual(auth);
});

it.each([
  [{ type: 'OAUTH2', clientId: '' }, 'clientId'],
  [{ type: 'OAUTH2', clientId: 'c', tokenUrl: 'javascript:alert(1)' }, 'tokenUrl'],
  [{ type: 'OAUTH2', clientId: 'c', scopes: ['two words'] }, 'scopes'],
  [{ type: 'OAUTH2', clientId: 'c', clientAuthentication: 'private_key_jwt' }, 'clientAuthentication'],
  [{ type: 'OAUTH2', clientId: 'c', parameters: { 'a b': 'c' } }, 'parameters'],
  [{ ...aws, roleArn: 'arn:aws:iam::123456789012:user/ada' }, 'roleArn'],
  [{ ...aws, region: 'evil.example.com/' }, 'region'],
  [{ ...aws, durationSeconds: 60 }, 'durationSeconds'],
  [{ ...google, scopes: [] }, 'scopes'],
])('refuses %j for its %s', (auth, at) => {
  expect(Auth.safeParse(auth).error?.issues[0]?.path[0]).toBe(at);
});
