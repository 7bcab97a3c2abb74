import type { Product } from '../data.ts';
import { rowOperations } from '../row-operations.ts';
import { contains, where } from '../rows.ts';

export const products = [
  rowOperations('products').list<Partial<Pick<Product, 'name' | 'sku'>>>({
    description: 'Finds products of the catalogue by name or stock keeping unit.',
    query: {
      name: { type: 'string', minLength: 1, description: 'Part of the name.', example: 'planner' },
      sku: { type: 'string', description: 'Stock keeping unit.', example: 'RP-100' },
    },
    rows: (data, { name, sku }) => where(data.products, { sku }).filter((product) => contains(product.name, name)),
  }),
];
