import { z } from 'zod';
import { orderSchema, problemSchema } from '../../domain/order/schema';

/** What may be done about a problem: its effect, and the fields that it needs. */
const problemActionSchema = z
  .strictObject({ action: z.string(), label: z.string(), effect: z.string(), needs: z.array(z.string()) })
  .meta({ id: 'ProblemAction' });

/** A problem with what may be done about it. */
export const problemAnswerSchema = problemSchema
  .extend({
    actions: z
      .array(problemActionSchema)
      .meta({ description: 'What may be done; empty when the hub waits by itself.' }),
  })
  .meta({ id: 'OrderProblem', description: 'Why something does not move, for whom it waits, and until when.' });

/** An order as the API shows it. Amounts are in the minor unit of `currency`. */
export const orderAnswerSchema = orderSchema
  .omit({ content_hash: true, steps: true, plan: true, lost_races: true })
  .extend({
    problem: problemAnswerSchema.nullable().meta({ description: 'The problem to look at first, or null.' }),
    problems: z.array(problemAnswerSchema),
    shipments: z.array(z.string()).meta({ description: 'Shipment ids.' }),
    allowed_actions: z.array(z.enum(['note'])).meta({ description: 'Commands that the order takes as it stands.' }),
    links: z
      .strictObject({
        temporal_ui: z
          .string()
          .nullable()
          .meta({ description: "The order's workflow in the Temporal UI, where that is known." }),
        tracking_page: z.string().nullable(),
        events: z.string(),
      })
      .meta({ id: 'OrderLinks' }),
  })
  .meta({ id: 'Order', description: 'An order. Amounts are in the minor unit of `currency`.' });

export type OrderAnswer = z.infer<typeof orderAnswerSchema>;
export type ProblemAnswer = z.infer<typeof problemAnswerSchema>;
