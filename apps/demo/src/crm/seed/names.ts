// Names that the generator draws from, and the rows that are picked by hand.

/** The sales people. */
export const PEOPLE = [
  ['Dana Whitfield', 'Account Executive'],
  ['Marcus Oyelaran', 'Account Executive'],
  ['Priya Raman', 'Senior Account Executive'],
  ['Tomás Herrera', 'Account Executive'],
  ['Ingrid Solberg', 'Key Account Manager'],
  ['Kenji Watanabe', 'Account Executive'],
  ['Aisha Benali', 'Sales Director'],
  ['Luke Fairbanks', 'Sales Development Representative'],
] as const;

/** Accounts: name, industry, region, owner (index in `PEOPLE`). Several look alike on purpose. */
export const ACCOUNTS = [
  ['Northwind Traders', 'Food & Beverage', 'North America', 0],
  ['Contoso Ltd', 'Technology', 'EMEA', 2],
  ['Fabrikam Inc', 'Manufacturing', 'North America', 1],
  ['Northwood Trading', 'Retail', 'North America', 3],
  ['North Wind Turbines', 'Energy', 'EMEA', 4],
  ['Contour Software', 'Technology', 'North America', 5],
  ['Fabricon Textiles', 'Manufacturing', 'APAC', 5],
  ['Harbour Traders', 'Logistics', 'EMEA', 4],
  ['Adventure Works Cycles', 'Retail', 'North America', 1],
  ['Tailspin Toys', 'Retail', 'North America', 3],
  ['Wide World Importers', 'Logistics', 'APAC', 5],
  ['Litware Systems', 'Technology', 'EMEA', 2],
  ['Proseware Health', 'Healthcare', 'EMEA', 4],
  ['Fourth Coffee', 'Food & Beverage', 'Latin America', 6],
  ['Woodgrove Bank', 'Finance', 'North America', 6],
  ['Trey Research', 'Healthcare', 'Latin America', 3],
] as const;

/** Deals of the best known accounts: account, name, amount, stage, owner, closing day. */
export const DEALS = [
  ['Northwind Traders', 'Warehouse rollout', 84_500.25, 'negotiation', 0, '2024-03-29'],
  ['Northwind Traders', 'Cold chain monitoring', 126_750.5, 'proposal', 2, '2024-05-17'],
  ['Northwind Traders', 'Route planning pilot', 18_900, 'won', 0, '2023-09-15'],
  ['Northwind Traders', 'Supplier portal', 49_999.99, 'qualified', 1, '2024-04-12'],
  ['Northwind Traders', 'Analytics subscription', 50_000.01, 'won', 4, '2023-12-20'],
  ['Northwind Traders', 'Training package', 7_250, 'lost', 2, '2023-10-06'],
  ['Contoso Ltd', 'Platform renewal', 212_400, 'negotiation', 2, '2024-02-28'],
  ['Contoso Ltd', 'Sandbox licences', 50_000, 'proposal', 4, '2024-06-03'],
  ['Contoso Ltd', 'Support upgrade', 32_180.75, 'won', 2, '2023-11-30'],
  ['Fabrikam Inc', 'Assembly line sensors', 158_330.4, 'qualified', 1, '2024-07-19'],
  ['Fabrikam Inc', 'Spare parts catalogue', 41_020.6, 'prospecting', 3, '2024-08-09'],
  ['Fabrikam Inc', 'Predictive maintenance', 97_615.8, 'won', 1, '2023-08-25'],
  ['Northwood Trading', 'Point of sale refresh', 64_275, 'proposal', 3, '2024-04-26'],
  ['Harbour Traders', 'Container tracking', 142_900.1, 'negotiation', 4, '2024-03-15'],
] as const;

export const PRODUCTS = [
  ['Route Planner', 'RP-100', 1_299.95],
  ['Fleet Monitor', 'FM-210', 2_480.5],
  ['Warehouse Suite', 'WS-300', 8_750],
  ['Cold Chain Sensor', 'CS-045', 189.99],
  ['Supplier Portal', 'SP-120', 4_120.4],
  ['Analytics Add-on', 'AN-015', 749.25],
  ['Support Plus', 'SU-001', 1_050],
  ['Onboarding Days', 'ON-002', 1_625.75],
] as const;

export const FIRST_NAMES = [
  'Maria',
  'Thomas',
  'Elena',
  'Victor',
  'Hana',
  'Paulo',
  'Grace',
  'Omar',
  'Sofia',
  'Jonas',
  'Mei',
  'Robert',
] as const;
export const LAST_NAMES = [
  'Anders',
  'Hardy',
  'Kovac',
  'Moreau',
  'Ito',
  'Almeida',
  'Lindgren',
  'Haddad',
  'Rossi',
  'Becker',
  'Zhang',
  'Quinn',
] as const;
export const TITLES = [
  'Purchasing Manager',
  'Head of Operations',
  'Finance Director',
  'IT Lead',
  'Logistics Coordinator',
] as const;
export const BUSINESS_NAMES = [
  'Alpine',
  'Bluebird',
  'Cascade',
  'Delta',
  'Ember',
  'Falcon',
  'Granite',
  'Horizon',
  'Ironbark',
  'Juniper',
] as const;
export const BUSINESS_KINDS = ['Foods', 'Logistics', 'Instruments', 'Outfitters'] as const;
export const DEAL_NAMES = [
  'Expansion',
  'Renewal',
  'Pilot',
  'Migration',
  'Annual licence',
  'Hardware refresh',
  'Service contract',
] as const;
export const SUBJECTS = [
  'Renewal terms',
  'Quarterly review',
  'Price list',
  'Product demonstration',
  'Contract questions',
  'Delivery dates',
] as const;
export const COMPLAINTS = [
  'Invoice shows the wrong address',
  'Sensor reports no data',
  'Cannot sign in',
  'Export is slow',
  'Wrong delivery date',
] as const;
