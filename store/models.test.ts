import { afterAll, expect, test } from '@jest/globals';
import mongoose, { type Model } from 'mongoose';
import { z } from 'zod';
import { at, capturedOrder, newOrder } from '../test/domain/aggregate';
import { HubModel } from '../test/domain/hub-model';
import { collectionDefinitions, defineModels } from './models';

type CollectionName = keyof typeof collectionDefinitions;
type AnyModel = Model<unknown>;

const connection = mongoose.createConnection();
const models = defineModels(connection);
const names = Object.keys(collectionDefinitions) as CollectionName[];

afterAll(() => connection.close());

interface Described {
  $ref?: string;
  $defs?: Record<string, Described>;
  type?: string | string[];
  anyOf?: Described[];
}

/** The plain JSON types that a field may have beside null, as the JSON schema made from its zod schema says. */
function jsonTypes(described: Described, defs: Record<string, Described>): string[] {
  const name = described.$ref?.split('/').at(-1);
  const referred = name === undefined ? undefined : defs[name];
  if (referred) return jsonTypes(referred, defs);
  const own = described.type === undefined ? [] : [described.type].flat();
  const options = (described.anyOf ?? []).flatMap((option) => jsonTypes(option, defs));
  return [...own, ...options].filter((type) => type !== 'null');
}

/** The mongoose type that a field should have; undefined for anything nested or free. */
function plainType(field: z.ZodType): string | undefined {
  const described = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' }) as Described;
  const [type, ...others] = jsonTypes(described, described.$defs ?? {});
  if (type === undefined || others.length > 0) return undefined;
  return { string: 'String', integer: 'Number', number: 'Number', boolean: 'Boolean' }[type];
}

/** Every difference between a model and the schema of its documents: fields that only one has, and other plain types. */
function differences(schema: z.ZodObject, model: AnyModel): string[] {
  const fields = Object.keys(schema.shape).filter((field) => field !== '_id');
  const paths = Object.keys(model.schema.paths).filter((path) => path !== '_id');
  const kept = fields.filter((field) => paths.includes(field));
  return [
    ...fields.filter((field) => !paths.includes(field)).map((field) => `${field} is in the schema alone`),
    ...paths.filter((path) => !fields.includes(path)).map((path) => `${path} is in the model alone`),
    ...kept.flatMap((field) => {
      const expected = plainType(schema.shape[field] as z.ZodType) ?? 'Mixed';
      const found = model.schema.path(field).instance;
      return found === expected ? [] : [`${field} is ${found}, not ${expected}`];
    }),
  ];
}

/** Paths of a schema, nested ones dotted, arrays by their elements. */
function hasPath(schema: z.ZodType, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  if (schema instanceof z.ZodArray) return hasPath(schema.element as z.ZodType, path);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return hasPath(schema.unwrap() as z.ZodType, path);
  }
  if (!(schema instanceof z.ZodObject)) return false;
  const field = (schema.shape as Record<string, z.ZodType>)[first];
  return field !== undefined && hasPath(field, rest);
}

/** Indexed paths that the documents do not have: an index on nothing. */
function unknownIndexPaths(schema: z.ZodObject, model: AnyModel): string[] {
  const paths = model.schema.indexes().flatMap(([keys]) => Object.keys(keys));
  return paths.filter((path) => path !== '_id' && !hasPath(schema, path.split('.')));
}

test.each(names)('the model of %s has the fields and types of its schema, and indexes on fields that exist', (name) => {
  const { schema } = collectionDefinitions[name];
  expect(differences(schema, models[name])).toEqual([]);
  expect(unknownIndexPaths(schema, models[name])).toEqual([]);
});

test('the comparison notices a planted difference: a field too many, one too few, another type, an index on nothing', () => {
  const { order_id: _left, ...rest } = collectionDefinitions.orders.schema.shape;
  const planted = z.strictObject({ ...rest, version: z.string(), lines: z.string(), planted: z.string() });
  expect(differences(planted, models.orders).toSorted()).toEqual([
    'lines is Mixed, not String',
    'order_id is in the model alone',
    'planted is in the schema alone',
    'version is Number, not String',
  ]);
  const { parcels: _parcels, ...withoutParcels } = collectionDefinitions.shipments.schema.shape;
  expect(unknownIndexPaths(z.strictObject(withoutParcels), models.shipments)).toEqual(['parcels.tracking_number']);
});

test('a model is named as its collection and refuses a field that it does not have', () => {
  for (const name of names) expect(models[name].collection.name).toBe(name);
  expect(() => new models.orders({ _id: 'ord_1', surprise: true })).toThrow(/surprise/);
});

test('an order and its shipments as they really become pass their models unchanged', async () => {
  const hub = new HubModel({ payments: [{ provider: 'pay', reference: 'auth', amount: 9000, state: 'authorized' }] });
  hub.finish();
  const body = capturedOrder();
  const fresh = newOrder(body);
  fresh.when({ cause_id: body.order_id, kind: 'capture', body }, 0);
  expect(fresh.current.captured_at).toBe(at(0));
  for (const order of [fresh.current, hub.order.current]) {
    const document = new models.orders({ ...order, _id: order.order_id });
    await document.validate();
    expect(document.toObject()).toEqual({ ...order, _id: order.order_id });
  }
  for (const { current } of hub.shipments.values()) {
    const document = new models.shipments({ ...current, _id: current.shipment_id });
    await document.validate();
    expect(document.toObject()).toEqual({ ...current, _id: current.shipment_id });
  }
});
