import { z } from 'zod';
import { addressSchema, coordinatesSchema, countrySchema, instantSchema } from '../values-schema';

const codeSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
  .meta({ example: 'BER-1' });

const locationFields = {
  code: codeSchema,
  name: z.string().trim().min(1).max(200),
  kind: z.enum(['warehouse', 'store', 'third_party', 'supplier']),
  address: addressSchema,
  coordinates: coordinatesSchema
    .optional()
    .meta({ description: 'Looked up offline from the address where it is not given.' }),
  time_zone: z.string().max(60).optional(),
  active: z.boolean(),
  channels_served: z.array(z.string()).max(500).meta({ description: 'Channel ids; empty means every channel.' }),
  ships_to: z.array(countrySchema).max(250).meta({ description: 'Countries; empty means everywhere.' }),
  connections: z
    .strictObject({ wms: z.string().optional(), carrier: z.string().optional() })
    .meta({ description: 'The connections that serve this location; without one, the default of its kind.' }),
};

/** A place that holds stock and ships, as it is created. */
export const locationInputSchema = z
  .strictObject({
    ...locationFields,
    active: locationFields.active.default(true),
    channels_served: locationFields.channels_served.default([]),
    ships_to: locationFields.ships_to.default([]),
    connections: locationFields.connections.default({}),
  })
  .meta({ id: 'LocationInput' });

/** A place that holds stock and ships. */
export const locationSchema = z
  .strictObject({
    location_id: z.string(),
    ...locationFields,
    coordinates: coordinatesSchema,
    created_at: instantSchema,
    updated_at: instantSchema,
  })
  .meta({ id: 'Location' });

/** What may change of a location. */
export const locationPatchSchema = z.strictObject(locationFields).partial().meta({ id: 'LocationPatch' });

export type LocationInput = z.infer<typeof locationInputSchema>;
export type Location = z.infer<typeof locationSchema>;
