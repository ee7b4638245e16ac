import { z } from 'zod';
import { locationInputSchema, locationPatchSchema, locationSchema } from '../../domain/location/schema';
import type { Address, Coordinates } from '../../domain/values-schema';
import { geocode } from '../../platform/geocode';
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from '../cursor';
import type { ResourceDependencies } from '../dependencies';
import { locationExample, locationInputExample } from '../examples/master-data';
import { operation, type Operation } from '../operation';
import { invalid, notFound, Refusal } from '../problem';
import { givenFields, taken } from './changes';
import { unknownChannels } from './references';

const params = z.strictObject({ location_id: z.string().meta({ example: locationExample.location_id }) });
const served = z.looseObject({ channels_served: z.array(z.string().optional().catch(undefined)).catch([]) });

/** Where an address is; refuses one that the gazetteer does not know, so that coordinates are given by hand. */
function located(address: Address): Coordinates {
  const { country, postal_code, city } = address;
  const found = geocode({ country, postal_code, city });
  if (found) return found;
  throw invalid([
    { pointer: '/coordinates', code: 'required', message: 'The address could not be found; give `lat` and `lng`.' },
  ]);
}

/** Creates, lists, shows, changes and deletes locations. */
export function locationOperations({ masterData }: ResourceDependencies): Operation[] {
  const check = async (body: unknown) => {
    const read = served.safeParse(body);
    if (!read.success) return [];
    return unknownChannels(
      masterData,
      read.data.channels_served.map((id, index) => [`/channels_served/${String(index)}`, id]),
    );
  };

  return [
    operation({
      id: 'createLocation',
      method: 'post',
      path: '/v1/locations',
      tag: 'Locations',
      summary: 'Create a location',
      description: 'Without `coordinates` they are looked up offline from the address; `accuracy` says how precisely.',
      scope: 'locations:write',
      body: locationInputSchema,
      body_example: locationInputExample,
      answers: {
        201: {
          description: 'Created.',
          schema: locationSchema,
          example: locationExample,
          headers: { Location: 'The location.' },
        },
      },
      refusals: ['ALREADY_EXISTS'],
      check,
      async handle({ body }) {
        const created = await masterData.createLocation({
          ...body,
          coordinates: body.coordinates ?? located(body.address),
        });
        if (!created) throw taken('/code', 'location', body.code);
        return { status: 201, body: created, headers: { location: `/v1/locations/${created.location_id}` } };
      },
    }),
    operation({
      id: 'listLocations',
      method: 'get',
      path: '/v1/locations',
      tag: 'Locations',
      summary: 'List locations by code',
      scope: 'locations:read',
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of locations.',
          schema: pageOf(locationSchema),
          example: { data: [locationExample], next_cursor: null },
        },
      },
      async handle({ query: { limit, cursor } }) {
        const after = decodeCursor('locations', z.tuple([z.string()]), cursor);
        const rows = await masterData.locations({ ...(after ? { after: after[0] } : {}), limit: limit + 1 });
        return {
          status: 200,
          body: toPage(
            rows,
            limit,
            (row) => row,
            (row) => encodeCursor('locations', [row.code]),
          ),
        };
      },
    }),
    operation({
      id: 'getLocation',
      method: 'get',
      path: '/v1/locations/{location_id}',
      tag: 'Locations',
      summary: 'Show a location',
      scope: 'locations:read',
      params,
      answers: { 200: { description: 'The location.', schema: locationSchema, example: locationExample } },
      refusals: ['NOT_FOUND'],
      async handle({ path }) {
        const location = await masterData.location(path.location_id);
        if (!location) throw notFound('location', path.location_id);
        return { status: 200, body: location };
      },
    }),
    operation({
      id: 'changeLocation',
      method: 'patch',
      path: '/v1/locations/{location_id}',
      tag: 'Locations',
      summary: 'Change a location',
      description: 'Only the fields that are given change. A new address without `coordinates` is looked up anew.',
      scope: 'locations:write',
      params,
      body: locationPatchSchema,
      body_example: { active: false },
      answers: { 200: { description: 'As it stands now.', schema: locationSchema, example: locationExample } },
      refusals: ['NOT_FOUND', 'ALREADY_EXISTS'],
      check,
      async handle({ path, body }) {
        const moved = body.address && !body.coordinates ? { coordinates: located(body.address) } : {};
        const changed = await masterData.changeLocation(path.location_id, givenFields({ ...body, ...moved }));
        if (changed) return { status: 200, body: changed };
        if (await masterData.location(path.location_id)) throw taken('/code', 'location', body.code ?? '');
        throw notFound('location', path.location_id);
      },
    }),
    operation({
      id: 'deleteLocation',
      method: 'delete',
      path: '/v1/locations/{location_id}',
      tag: 'Locations',
      summary: 'Delete a location',
      scope: 'locations:write',
      params,
      answers: { 204: { description: 'Deleted.' } },
      refusals: ['NOT_FOUND', 'IN_USE'],
      async handle({ path }) {
        const outcome = await masterData.deleteLocation(path.location_id);
        if (outcome === 'not_found') throw notFound('location', path.location_id);
        if (outcome === 'in_use') throw new Refusal('IN_USE', 'The location holds stock or has open shipments.');
        return { status: 204 };
      },
    }),
  ];
}
