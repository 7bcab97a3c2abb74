// Lists of hosts in the URL of a Postgres, as libpq reads them.
import { describe, expect, test } from 'vitest';
import { addressOf, hostUrls } from './host-urls.ts';

test.each([
  'postgresql://ada:s3cret@db.example.com/errand',
  'postgres://ada:p,w@db.example.com:5433/errand?sslmode=require',
  'postgres://ada:s3cret@127.0.0.1:5432/errand?host=%2Frun%2Fpostgresql',
  'postgres:///errand',
  'postgres://[::1]:5432/errand',
  'postgres://ada@a/errand?target_session_attrs=read-write&port=5433',
])('a URL of one host stays as it is: %s', (url) => {
  expect(hostUrls(url)).toEqual([url]);
});

test.each([
  ['u:p%40@a:5432,b:5433/errand?target_session_attrs=read-write', ['u:p%40@a:5432/errand', 'u:p%40@b:5433/errand']],
  ['u:p@a,b/errand?sslmode=require', ['u:p@a:5432/errand?sslmode=require', 'u:p@b:5432/errand?sslmode=require']],
  ['u@a:1,b,c:3/errand', ['u@a:1/errand', 'u@b:5432/errand', 'u@c:3/errand']],
  ['u@a,b/errand?port=6000', ['u@a:6000/errand', 'u@b:6000/errand']],
  ['u@a,b/errand?port=6000,6001', ['u@a:6000/errand', 'u@b:6001/errand']],
  ['u@[::1]:1,[2001:db8::2]/errand', ['u@[::1]:1/errand', 'u@[2001:db8::2]:5432/errand']],
  ['u@/errand?host=a,::1&port=1,2', ['u@a:1/errand', 'u@[::1]:2/errand']],
  ['u@/errand?host=/run/a,b', ['u@localhost:5432/errand?host=%2Frun%2Fa', 'u@b:5432/errand']],
  ['u@%2Frun%2Fa,b/errand', ['u@%2Frun%2Fa:5432/errand', 'u@b:5432/errand']],
  ['a,b/errand?target_session_attrs=primary', ['a:5432/errand', 'b:5432/errand']],
])('%s lists hosts', (text, urls) => {
  expect(hostUrls(`postgresql://${text}`)).toEqual(urls.map((url) => `postgresql://${url}`));
});

describe('a wrong list is refused without its password', () => {
  test.each([
    ['http://u:s3cret@a,b/errand', /^must be a URL/],
    ['postgresql://u:s3cret@a,b', undefined],
    ['postgresql://u:s3cret@a,,b/errand', /empty host \(number 2 of 3\)/],
    ['postgresql://u:s3cret@,b/errand', /empty host \(number 1 of 2\)/],
    ['postgresql://u:s3cret@a,b:0/errand', /ports from 1 to 65535 \(host number 2\)/],
    ['postgresql://u:s3cret@a,b:65536/errand', /ports from 1 to 65535/],
    ['postgresql://u:s3cret@a,b:x/errand', /host number 2 is none/],
    ['postgresql://u:s3cret@a,::1/errand', /IPv6 address in brackets \(host number 2/],
    ['postgresql://u:s3cret@a,b,c/errand?port=1,2', /one port, or one for each of its 3 hosts, not 2/],
    ['postgresql://u:s3cret@a/errand?port=1,2', /one for each of its 1 hosts, not 2/],
    ['postgresql://u:s3cret@a,v:s3cret@b/errand', /the user and the password once/],
    ['postgresql://u:s3cret@a,b/errand?target_session_attrs=standby', /target_session_attrs=read-write/],
    ['postgresql://u:s3cret@a/errand?target_session_attrs=read-only', /target_session_attrs=read-write/],
    ['postgresql://u:s3cret@a b,c/errand', /host number 1 is none/],
    [`postgresql://u:s3cret@${Array.from({ length: 17 }, (_, n) => `h${n}`)}/errand`, /up to 16 hosts, not 17/],
    ['postgresql://u:s3cret@a:x/errand', /^must be a URL/],
    ['postgresql://u:s3/cret@a,b/errand', /^must be a URL/],
  ])('%s', (url, says) => {
    const read = () => hostUrls(url);
    if (says === undefined) return expect(read()).toHaveLength(2);
    expect(read).toThrow(says);
    expect(read).not.toThrow(/cret/);
    return undefined;
  });
});

test('an address is shown without user and password', () => {
  expect(addressOf('postgres://u:p@[::1]/errand')).toBe('[::1]:5432');
  expect(addressOf('postgres://u:p@localhost:1/errand?host=%2Frun&port=2')).toBe('/run:2');
  expect(addressOf('postgres:///errand')).toBe('localhost:5432');
});
