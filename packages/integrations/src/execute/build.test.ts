import { expect, it } from 'vitest';
import { buildRequest } from './build.ts';

it('slashes within a base path cost time that grows with their number', () => {
  const call = { kind: 'http', method: 'GET', path: '/deals', parameters: [], accept: '*/*' } as const;
  const base = `https://api.example.com/${'/'.repeat(100_000)}a`;
  const before = process.cpuUsage();
  const { url } = buildRequest({ ...call, parameters: [] }, {}, `${base}//`);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
  expect(url.href).toBe(`${base}/deals`);
});
