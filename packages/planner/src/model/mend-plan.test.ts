import { expect, test } from 'vitest';
import { aTool } from '../testing/planning.ts';
import { mendPlan } from './mend-plan.ts';

const mended = (tool: string, ...names: string[]) => {
  const tools = names.map((name) => aTool(name));
  const plan = mendPlan({ goal: 'g', steps: [{ id: 'a', tool }] }, tools) as { steps: { tool: string }[] };
  return plan.steps[0]?.tool;
};

test.each([
  ['CRM.addUser', 'crm.addUser'],
  ['crm.add_user', 'crm.addUser'],
  ['functions.crm.addUser', 'crm.addUser'],
  ['tool:addUser', 'crm.addUser'],
  ['crm_addUser', 'crm.addUser'],
])('%s is a spelling of a tool', (spelling, tool) => {
  expect(mended(spelling, 'crm.addUser', 'crm.endUser')).toBe(tool);
});

test.each(['hubspot.addUser', 'hubspot_efgh5678.addUser', 'integration-1/addUser'])(
  'no service passes for %s, whatever it calls its operations',
  (tool) => {
    const operation = tool.replace(/\W/g, '_');
    expect(mended(tool, `evil.${operation}`)).toBe(tool);
  },
);

test('two tools that one spelling fits are neither', () => {
  expect(mended('CRM.adduser', 'crm.addUser', 'Crm.addUser')).toBe('CRM.adduser');
  expect(mended('Crm.addUser', 'crm.addUser', 'Crm.addUser')).toBe('Crm.addUser');
});
