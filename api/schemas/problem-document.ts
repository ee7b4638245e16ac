import { z } from 'zod';
import { errorCatalogue, faultCatalogue, type ErrorCode, type FaultCode } from '../error-catalogue';

/** An error as every path answers it: application/problem+json (RFC 9457). Further members are named by the code. */
export const problemDocumentSchema = z
  .looseObject({
    type: z.string().meta({ description: 'A page that explains the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
    trace_id: z.string().regex(/^[0-9a-f]{32}$/),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().meta({ description: 'A JSON pointer into the body, or `/name` of a query parameter.' }),
          code: z.enum(Object.keys(faultCatalogue) as [FaultCode, ...FaultCode[]]),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'ProblemDocument', description: 'An error (RFC 9457).' });
