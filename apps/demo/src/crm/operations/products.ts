import type { Product } from '../data.ts';
import { operation } from '../operation.ts';
import { contains, type Paging, page, paging, where } from '../rows.ts';

export const products = [
  operation<Paging & Partial<Pick<Product, 'name' | 'sku'>>>({
    id: 'listProducts',
    method: 'GET',
    path: '/products',
    tag: 'Products',
    summary: 'List products',
    description: 'Finds products of the catalogue by name or stock keeping unit.',
    query: {
      name: { type: 'string', minLength: 1, description: 'Part of the name.', example: 'planner' },
      sku: { type: 'string', description: 'Stock keeping unit.', example: 'RP-100' },
      ...paging,
    },
    answer: 'ProductPage',
    handle: (data, { query: { name, sku, ...at } }) =>
      page(
        where(data.products, { sku }).filter((product) => contains(product.name, name)),
        at,
      ),
  }),
];
