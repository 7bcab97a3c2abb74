// A web shop, with habits of its own.
import { type Short, type Sketch, service } from './tools.ts';

const product: Short = {
  sku: 'string',
  name: 'string',
  price: 'number: Price in euros.',
  category: 'string',
  in_stock: 'integer: How many are left.',
};
const order: Short = {
  orderId: 'string',
  placedAt: 'time',
  status: 'pending|shipped|delivered|cancelled',
  total: 'number',
  shopperId: 'string: Id of the shopper.',
  region: 'string',
};
const shopSketches: Sketch[] = [
  {
    call: 'GET /products',
    name: 'searchProducts',
    title: 'Search products',
    query: {
      q: 'string: Words in the name.',
      category: 'string',
      minPrice: 'number',
      maxPrice: 'number',
      sortBy: 'price_asc|price_desc|newest',
      limit: 'limit60',
    },
    answer: { products: [product], total: 'integer' },
  },
  { call: 'GET /products/{sku}', name: 'getProduct', title: 'Get a product', answer: product },
  {
    call: 'PATCH /products/{sku}',
    name: 'updateProduct',
    title: 'Update a product',
    body: { price: 'number', name: 'string', in_stock: 'integer' },
    answer: product,
  },
  {
    call: 'GET /orders',
    name: 'listOrders',
    title: 'List orders',
    query: {
      status: 'pending|shipped|delivered|cancelled',
      shopperId: 'string: Id of the shopper.',
      from: 'date: First day.',
      to: 'date: Last day.',
      limit: 'limit100',
      offset: 'integer',
    },
    answer: { orders: [order], total: 'integer' },
  },
  { call: 'GET /orders/{orderId}', name: 'getOrder', title: 'Get an order', answer: order },
  {
    call: 'POST /orders',
    name: 'placeOrder',
    title: 'Place an order',
    body: {
      'sku!': 'string: Product to buy.',
      'quantity!': 'integer: How many.',
      shopperId: 'string: Id of the shopper.',
    },
    answer: order,
  },
  { call: 'POST /orders/{orderId}/cancel', name: 'cancelOrder', title: 'Cancel an order', answer: order },
  {
    call: 'GET /shoppers',
    name: 'findShoppers',
    title: 'Find shoppers',
    query: { name: 'string', email: 'email' },
    answer: { shoppers: [{ shopperId: 'string', name: 'string', email: 'email', city: 'string' }] },
  },
  {
    call: 'GET /shoppers/{shopperId}',
    name: 'getShopper',
    title: 'Get a shopper',
    answer: { shopperId: 'string', name: 'string', email: 'email', city: 'string' },
  },
];

export const shop = service('shop', 'Web shop', shopSketches);
