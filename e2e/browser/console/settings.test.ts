// An administrator changes the settings of the workspace.
import { expect, test } from 'vitest';
import { withOffice } from './office.ts';

const PRODUCT = 'http://localhost:3999';
const { office, open } = withOffice({
  env: {
    ERRAND_CORS_ORIGINS: PRODUCT,
    ERRAND_REDIRECT_ORIGINS: PRODUCT,
    ERRAND_WORKSPACE_ORIGINS: 'true',
    ERRAND_WORKSPACE_LOOPBACK_PORTS: '1024-65535',
  },
});
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('the name, the brand and the page that confirms consents are changed, and refused values explained', async () => {
  const { api } = office();
  const { page } = await open('/settings');
  await page.getByLabel('Name of the workspace').fill('Acme <b>');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByText('The workspace is renamed.').waitFor();
  await page.getByRole('banner').getByText('Acme <b>').waitFor();

  const brand = page.getByRole('region', { name: 'Brand' });
  await brand.getByLabel('Name of the brand').fill('Acme Helpdesk');
  await brand.getByLabel('Color').fill('#0b5fff');
  const logo = { name: 'logo.png', mimeType: 'image/png' };
  await brand.getByLabel('Logo').setInputFiles({ ...logo, buffer: Buffer.from('<svg onload="alert(1)"/>') });
  await brand.getByRole('button', { name: 'Save' }).click();
  await brand.getByRole('alert').waitFor();
  expect(await api.workspace.brand({})).toEqual({});
  await brand.getByLabel('Logo').setInputFiles({ ...logo, buffer: Buffer.from(PIXEL, 'base64') });
  await brand.getByRole('button', { name: 'Save' }).click();
  const width = 'document.querySelector("img[alt=\'The stored logo\']")?.naturalWidth';
  await expect.poll(() => page.evaluate(width)).toBe(1);
  expect(await api.workspace.brand({})).toMatchObject({ name: 'Acme Helpdesk', color: '#0b5fff' });

  const consents = page.getByRole('region', { name: 'Confirmation of consents' });
  const address = consents.getByLabel('Address of the page');
  await address.fill('https://elsewhere.example.com/verify');
  await consents.getByRole('button', { name: 'Save' }).click();
  await consents.getByRole('alert').getByText('ERRAND_REDIRECT_ORIGINS').first().waitFor();
  await address.fill(`${PRODUCT}/verify`);
  await consents.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => api.workspace.consentSettings({})).toEqual({ verifyUrl: `${PRODUCT}/verify` });
});

test('origins of web pages and of private services are allowed and removed', async () => {
  const { api } = office();
  const { page } = await open('/settings');
  const pages = page.getByRole('region', { name: 'Web pages that may call Errand' });
  await pages.getByLabel('Origins of web pages').fill('https://unlisted.example.com');
  await pages.getByRole('button', { name: 'Save' }).click();
  await pages.getByRole('alert').getByText('ERRAND_CORS_ORIGINS').first().waitFor();
  await pages.getByLabel('Origins of web pages').fill(`${PRODUCT}\n`);
  await pages.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await api.workspace.browserOrigins({})).origins).toEqual([PRODUCT]);

  const services = page.getByRole('region', { name: 'Services inside your network' });
  await services.getByRole('button', { name: 'Allow an origin' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Origin').fill('http://10.0.0.7:8080');
  await dialog.getByLabel('Note').fill('The CRM in our office');
  await dialog.getByRole('button', { name: 'Allow', exact: true }).click();
  await services.getByText('http://10.0.0.7:8080').waitFor();
  await services.getByRole('button', { name: 'Remove http://10.0.0.7:8080' }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await services.getByText('No private origin is allowed.').waitFor();
  expect((await api.workspace.origins({})).origins).toEqual([]);
});
