import { cents, type Product, type Sale } from '../data.ts';
import { operation } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { contains, namePart, where } from '../rows.ts';

const { quarter, region, accountId, productId } = PROPERTIES.Sale;
const year = { type: 'integer', minimum: 2000, maximum: 2100, description: 'Calendar year.', example: 2023 } as const;
type Filter = Partial<Pick<Sale, 'year' | 'quarter' | 'region' | 'accountId' | 'productId'>>;
const rows = rowOperations('sales');

export const sales = [
  rows.list<Filter>({
    description:
      'Finds sales one by one, by year, quarter, region, account or product. For figures of a whole quarter use the summary.',
    query: { year, quarter, region, accountId, productId },
    rows: (data, equal) => where(data.sales, equal),
  }),
  operation<Pick<Sale, 'year' | 'quarter'> & { region?: Sale['region'] }>({
    id: 'getSalesSummary',
    method: 'GET',
    path: '/sales/summary',
    tag: 'Sales',
    summary: 'Get the sales summary of a quarter',
    description: 'Adds up the sales of one quarter and returns the total revenue and the revenue of each region.',
    query: { year, quarter, region: { ...region, description: 'Only the sales of this region.' } },
    requiredQuery: ['year', 'quarter'],
    answer: 'SalesSummary',
    handle: (data, { query }) => summary(where(data.sales, query), `${query.quarter} ${query.year}`),
  }),
  rows.get(),
];

export const products = [
  rowOperations('products').list<Partial<Pick<Product, 'name' | 'sku'>>>({
    description: 'Finds products of the catalogue by name or stock keeping unit.',
    query: {
      name: namePart('Part of the name.', 'planner'),
      sku: { type: 'string', description: 'Stock keeping unit.', example: 'RP-100' },
    },
    rows: (data, { name, sku }) => where(data.products, { sku }).filter((product) => contains(product.name, name)),
  }),
];

/** Sums in whole cents, so that no total is off by a rounding error. */
function summary(lines: readonly Sale[], period: string) {
  const regions = new Map<string, number>();
  for (const { region, amount } of lines) regions.set(region, (regions.get(region) ?? 0) + cents(amount));
  const sorted = [...regions].sort(([, a], [, b]) => b - a);
  return {
    period,
    currency: 'USD',
    totalRevenue: sorted.reduce((sum, [, revenue]) => sum + revenue, 0) / 100,
    byRegion: sorted.map(([region, revenue]) => ({ region, revenue: revenue / 100 })),
  };
}
