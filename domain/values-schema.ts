import { getAlpha2Codes } from 'i18n-iso-countries';
import { postcodeValidator, postcodeValidatorExistsForCountry } from 'postcode-validator';
import { z } from 'zod';

const countries = new Set(Object.keys(getAlpha2Codes()));
const currencies = new Set(Intl.supportedValuesOf('currency'));

/** An instant, ISO 8601 with a zone; kept in UTC with milliseconds. */
export const instantSchema = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value).toISOString())
  .meta({
    description: 'An instant, ISO 8601; answers are in UTC.',
    example: '2026-03-01T09:30:00.000Z',
    type: 'string',
  });

/** ISO 3166-1 alpha-2. */
export const countrySchema = z
  .string()
  .refine((code) => countries.has(code), { error: 'Not an ISO 3166-1 alpha-2 country code.' })
  .meta({ description: 'ISO 3166-1 alpha-2.', example: 'DE' });

/** ISO 4217. */
export const currencySchema = z
  .string()
  .refine((code) => currencies.has(code), { error: 'Not an ISO 4217 currency code.' })
  .meta({ description: 'ISO 4217.', example: 'EUR' });

/** An amount in the currency's minor unit that cannot be negative. */
export const amountSchema = z
  .int()
  .min(0)
  .max(1_000_000_000_000)
  .meta({ description: "In the currency's minor unit." });

/** A count of units that is at least one. */
export const quantitySchema = z.int().min(1).max(1_000_000);

/** A stock keeping unit as merchants write it. */
export const skuSchema = z.string().trim().min(1).max(100).meta({ example: 'TEE-BLK-M' });

const text = (max: number) => z.string().trim().min(1).max(max);

/** What the check of a postal code needs: it runs whatever else is wrong with the address, so that all faults are named at once. */
const placed = z.object({ country: countrySchema, postal_code: z.string().trim().max(20).optional() });

/** A postal address; `postal_code` is checked by its country where that country has postal codes. */
export const addressSchema = z
  .strictObject({
    name: text(200),
    company: text(200).optional(),
    line1: text(200),
    line2: text(200).optional(),
    city: text(120),
    region: text(120).optional(),
    postal_code: z.string().trim().max(20).optional().meta({ example: '10115' }),
    country: countrySchema,
    phone: text(40).optional(),
  })
  .superRefine(
    (address, context) => {
      if (!postcodeValidatorExistsForCountry(address.country)) return;
      if (!address.postal_code) {
        context.addIssue({ code: 'custom', path: ['postal_code'], message: `Required for ${address.country}.` });
      } else if (!postcodeValidator(address.postal_code, address.country)) {
        context.addIssue({
          code: 'custom',
          path: ['postal_code'],
          message: `Not a postal code of ${address.country}.`,
        });
      }
    },
    { when: ({ value }) => placed.safeParse(value).success },
  )
  .meta({ id: 'Address' });

/** Where something is on the earth, in degrees (WGS 84), and how precisely that is known. */
export const coordinatesSchema = z
  .strictObject({
    lat: z.number().min(-90).max(90),
    lng: z.number().min(-180).max(180),
    accuracy: z.enum(['exact', 'postal_code', 'city', 'country', 'unknown']).default('exact'),
  })
  .meta({ id: 'Coordinates' });

/** Free string pairs that a caller attaches; at most fifty. */
export const metadataSchema = z
  .record(
    z
      .string()
      .min(1)
      .max(64)
      .regex(/^[^.$]+$/),
    z.string().max(500),
  )
  .refine((pairs) => Object.keys(pairs).length <= 50, { error: 'At most 50 pairs.' })
  .meta({ description: 'At most 50 string pairs; returned, and filterable on orders.' });

export type Address = z.infer<typeof addressSchema>;
export type Coordinates = z.infer<typeof coordinatesSchema>;
