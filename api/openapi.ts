import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { z } from 'zod';
import { errorCatalogue, type ErrorCode } from './error-catalogue';
import type { AnswerDescription, Operation } from './operation';
import { invalid, problemBody, Refusal } from './problem';
import { problemDocumentSchema } from './schemas/problem-document';
import { scopes } from './scopes';

const exampleTraceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const tags: Readonly<Record<Operation['tag'], string>> = {
  Orders: 'Capture orders, follow them, and give them commands.',
  Shipments: 'Handovers of parcels, their tracking and their labels.',
  Inventory: 'Stock by sku, location and lot.',
  Products: 'What is sold and shipped.',
  Locations: 'Where stock lies and ships from.',
  Channels: 'Where orders come from.',
  Health: 'For supervisors and load balancers.',
};
const traceHeader = {
  'Trace-Id': { description: 'Names this request in the logs.', schema: { type: 'string' as const } },
};

/** The refusals that an operation may answer, those that every operation shares included. */
function refusalsOf(operation: Operation): ErrorCode[] {
  if (operation.scope === null) return ['INVALID', 'INTERNAL'];
  const withBody: ErrorCode[] = operation.body ? ['BODY_NOT_JSON', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'] : [];
  return [
    'REQUEST_MALFORMED',
    ...withBody,
    'KEY_MISSING',
    'KEY_UNKNOWN',
    'SCOPE_MISSING',
    ...(operation.refusals ?? []),
    'INVALID',
    'INTERNAL',
    'UNAVAILABLE',
  ];
}

function exampleOf(code: ErrorCode): Record<string, unknown> {
  const refusal =
    code === 'INVALID'
      ? invalid([{ pointer: '/limit', code: 'too_large', message: 'Too big: expected number to be <=200' }])
      : new Refusal(code, errorCatalogue[code].meaning);
  return problemBody(refusal, exampleTraceId);
}

function refusalAnswers(codes: readonly ErrorCode[]): Record<string, ZodOpenApiResponseObject> {
  const statuses = [...new Set(codes.map((code) => errorCatalogue[code].status))].toSorted();
  return Object.fromEntries(
    statuses.map((status) => {
      const here = codes.filter((code) => errorCatalogue[code].status === status);
      return [
        String(status),
        {
          description: here.map((code) => `\`${code}\`: ${errorCatalogue[code].meaning}`).join(' '),
          headers: traceHeader,
          content: {
            'application/problem+json': {
              schema: problemDocumentSchema,
              examples: Object.fromEntries(here.map((code) => [code, { value: exampleOf(code) }])),
            },
          },
        },
      ];
    }),
  );
}

function contentOf(answer: AnswerDescription): Pick<ZodOpenApiResponseObject, 'content'> {
  if (answer.media_types) {
    const binary = { schema: { type: 'string' as const, contentMediaType: 'application/octet-stream' } };
    return { content: Object.fromEntries(answer.media_types.map((type) => [type, binary])) };
  }
  if (!answer.schema) return {};
  return { content: { 'application/json': { schema: answer.schema, example: answer.example } } };
}

function answerOf(answer: AnswerDescription): ZodOpenApiResponseObject {
  const own = Object.entries(answer.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' as const } },
  ]);
  return {
    description: answer.description,
    headers: { ...traceHeader, ...(Object.fromEntries(own) as typeof traceHeader) },
    ...contentOf(answer),
  };
}

function headersOf(operation: Operation): z.ZodObject {
  return z.object({
    ...(operation.takes_if_match
      ? {
          'If-Match': z
            .string()
            .optional()
            .meta({ description: 'The ETag under which the order was read.', example: '"3"' }),
        }
      : {}),
    ...(operation.takes_idempotency_key
      ? {
          'Idempotency-Key': z
            .string()
            .optional()
            .meta({ description: 'Names this command, so that a repeat happens once.' }),
        }
      : {}),
  });
}

function described(operation: Operation): ZodOpenApiOperationObject {
  const { params, query, body } = operation;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description ? { description: operation.description } : {}),
    security: operation.scope === null ? [] : [{ api_key: [operation.scope] }],
    requestParams: {
      ...(params ? { path: params } : {}),
      ...(query ? { query } : {}),
      header: headersOf(operation),
    },
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: body, example: operation.body_example } },
          },
        }
      : {}),
    responses: {
      ...refusalAnswers(refusalsOf(operation)),
      ...Object.fromEntries(Object.entries(operation.answers).map(([status, answer]) => [status, answerOf(answer)])),
    },
  };
}

/** The OpenAPI 3.1 description of the API, made from the schemas that the operations themselves run on. */
export function describeApi(operations: readonly Operation[]): Record<string, unknown> {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) };
  }
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Waybill',
        version: '1',
        description:
          'The HTTP API of the order hub. Errors are `application/problem+json`; [their codes](/docs/errors) say what to do. Lists answer `{ data, next_cursor }`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This hub.' }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          api_key: {
            type: 'http',
            scheme: 'bearer',
            description: `An API key. Scopes: ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`,
          },
        },
      },
      paths,
    },
    {
      // The format says it already, in fewer words than the pattern behind it.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      },
    },
  );
  return document as unknown as Record<string, unknown>;
}
