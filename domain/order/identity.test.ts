import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentHash, customerKey, orderId } from './identity';
import { orderWorkflowId, shipmentId, shipmentWorkflowId } from './ids';

test('an order’s id follows from channel and channel order id, and from nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (channel, order, otherChannel, otherOrder) => {
      expect(orderId(channel, order)).toMatch(/^ord_[0-9a-hjkmnp-tv-z]{26}$/);
      expect(orderId(channel, order)).toBe(orderId(channel, order));
      expect(orderId(channel, order) === orderId(otherChannel, otherOrder)).toBe(
        channel === otherChannel && order === otherOrder,
      );
    }),
  );
  // The same in every release: an order sent again after a restore has to find its run.
  expect(orderId('chn_web', 'W-1')).toBe('ord_e33pvtfp4s821x2espr3dap3d9');
});

test('where the channel ends and the order id begins matters', () => {
  expect(orderId('a', 'bc')).not.toBe(orderId('ab', 'c'));
  expect(orderId('a","b', 'c')).not.toBe(orderId('a', 'b","c'));
});

test('a shipment’s id follows from its order and its number', () => {
  expect(shipmentId('ord_abc', 2)).toBe('shp_abc_2');
  expect(shipmentWorkflowId('shp_abc_2')).toBe('shipment/shp_abc_2');
});

test('workflow ids are percent-encoded, so that every order has its own and each can be read back', () => {
  expect(orderWorkflowId('chn_web', 'A/1 #ü')).toBe('order/chn_web/A%2F1%20%23%C3%BC');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (channel, order) => {
      const parts = orderWorkflowId(channel, order).split('/');
      expect(parts.map(decodeURIComponent)).toEqual(['order', channel, order]);
    }),
  );
});

function shuffledKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffledKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]): [string, unknown] => [key, shuffledKeys(field)])
      .toReversed(),
  );
}

test('the same content has the same hash in whatever order its keys come', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (content) => {
      expect(contentHash(shuffledKeys(content))).toBe(contentHash(content));
    }),
  );
});

test('other content has another hash; what is undefined is not there', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = JSON.stringify(shuffledKeys(shuffledKeys(a))) === JSON.stringify(shuffledKeys(shuffledKeys(b)));
      fc.pre(!same);
      const isReordered = contentHash(a) === contentHash(b);
      if (isReordered) expect(a).toEqual(b);
    }),
  );
  expect(contentHash({ a: 1, b: undefined })).toBe(contentHash({ a: 1 }));
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  expect(contentHash({ a: '1' })).not.toBe(contentHash({ a: 1 }));
  expect(contentHash({ a: null })).not.toBe(contentHash({}));
});

test('a buyer is known by e-mail over all channels, else by the channel’s own id, else not at all', () => {
  expect(customerKey('web', { email: 'A@Example.test' })).toBe(
    customerKey('shop', { email: 'a@example.test', external_id: '7' }),
  );
  expect(customerKey('web', { external_id: '7' })).not.toBe(customerKey('shop', { external_id: '7' }));
  expect(customerKey('web', { external_id: '7' })).not.toBe(customerKey('web', { email: '7' }));
  expect(customerKey('web', {})).toBeUndefined();
  expect(customerKey('web', { email: 'a@example.test' })).not.toMatch(/example/);
});
