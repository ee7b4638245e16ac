import { z } from 'zod';

/** Where the embedded carrier listens. */
export const configSchema = z.object({
  base_url: z.url().meta({ title: 'Address', example: 'http://127.0.0.1:9000' }),
  settle_ms: z.int().nonnegative().default(2000).meta({
    title: 'Settling time',
    help: 'How long after it was sent a request may still be applied, in milliseconds. Never shortened by the speed.',
    example: 2000,
  }),
});
export type Config = z.output<typeof configSchema>;

/** It takes any key or none, except the key `revoked`, which it refuses. */
export const secretsSchema = z.object({
  api_key: z.string().min(1).optional().meta({ title: 'API key', secret: true }),
});
export type Secrets = z.output<typeof secretsSchema>;
