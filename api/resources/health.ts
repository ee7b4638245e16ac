import { z } from 'zod';
import { operation, type Operation } from '../operation';

const up = z.enum(['up', 'down']);
const readiness = z
  .strictObject({
    status: z.enum(['ready', 'degraded', 'not_ready']),
    mongodb: up,
    temporal: up,
  })
  .meta({ id: 'Readiness' });

/** Tells supervisors whether the process lives and what it can reach. */
export function healthOperations(reachable: {
  mongodb: () => Promise<boolean>;
  temporal: () => Promise<boolean>;
}): Operation[] {
  return [
    operation({
      id: 'getHealth',
      method: 'get',
      path: '/healthz',
      tag: 'Health',
      summary: 'Whether the process lives',
      scope: null,
      answers: {
        200: {
          description: 'It does.',
          schema: z.strictObject({ status: z.literal('alive') }),
          example: { status: 'alive' },
        },
      },
      async handle() {
        return { status: 200, body: { status: 'alive' } };
      },
    }),
    operation({
      id: 'getReadiness',
      method: 'get',
      path: '/readyz',
      tag: 'Health',
      summary: 'Whether requests can be served',
      description:
        'Requests need MongoDB alone. Without Temporal the hub is `degraded`: orders are stored, and their workflows start when it is back.',
      scope: null,
      answers: {
        200: {
          description: 'Requests are served.',
          schema: readiness,
          example: { status: 'ready', mongodb: 'up', temporal: 'up' },
        },
        503: {
          description: 'MongoDB is away.',
          schema: readiness,
          example: { status: 'not_ready', mongodb: 'down', temporal: 'up' },
        },
      },
      async handle() {
        const [mongodb, temporal] = await Promise.all([reachable.mongodb(), reachable.temporal()]);
        const word = (answers: boolean): z.infer<typeof up> => (answers ? 'up' : 'down');
        const status = mongodb ? (temporal ? 'ready' : 'degraded') : 'not_ready';
        return { status: mongodb ? 200 : 503, body: { status, mongodb: word(mongodb), temporal: word(temporal) } };
      },
    }),
  ];
}
