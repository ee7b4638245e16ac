import { z } from 'zod';

/** Who caused a change. */
export const actorSchema = z
  .object({
    kind: z.enum(['api_key', 'partner', 'operator', 'system']),
    id: z.string(),
  })
  .meta({ id: 'Actor', description: 'Who caused a change.' });

/** One entry of the event log, as the API shows it. */
export const eventSchema = z
  .object({
    event_id: z.string(),
    entity: z.enum(['order', 'shipment']),
    entity_id: z.string(),
    type: z.string(),
    at: z.iso.datetime().meta({ description: 'When it happened.' }),
    recorded_at: z.iso.datetime().meta({ description: 'When the hub recorded it.' }),
    actor: actorSchema,
    cause_id: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Event', description: 'One entry of the event log.' });
