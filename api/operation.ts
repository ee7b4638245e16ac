import type { z } from 'zod';
import type { Actor } from '../domain/decider';
import type { ErrorCode } from './error-catalogue';
import type { Fault } from './problem';
import type { Scope } from './scopes';

/** A request after it was authenticated and parsed. */
export interface Call<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
  actor: Actor;
  if_match: string | undefined;
  idempotency_key: string | undefined;
  /** Scheme and host under which the caller reaches this API, without a trailing slash. */
  base_url: string;
}

/** What an operation answers: JSON (`body`), bytes (`content`), or nothing. */
export interface Answer {
  status: number;
  body?: unknown;
  content?: { type: string; bytes: Buffer };
  headers?: Readonly<Record<string, string>>;
}

/** What the API's description says of one possible answer. */
export interface AnswerDescription {
  description: string;
  schema?: z.ZodType;
  example?: unknown;
  /** Names of headers beside the usual ones, with what they hold. */
  headers?: Readonly<Record<string, string>>;
  /** Media types of an answer that is not JSON. */
  media_types?: readonly string[];
}

/** What the API's description says of an operation, and what it needs before it may run. */
export interface OperationDescription {
  id: string;
  method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces, as in OpenAPI. */
  path: string;
  tag: 'Orders' | 'Shipments' | 'Inventory' | 'Products' | 'Locations' | 'Channels' | 'Health';
  summary: string;
  description?: string;
  /** Null: no key is needed. */
  scope: Scope | null;
  body_example?: unknown;
  answers: Readonly<Record<number, AnswerDescription>>;
  /** Refusals beside those that every operation may answer. */
  refusals?: readonly ErrorCode[];
  takes_if_match?: boolean;
  takes_idempotency_key?: boolean;
}

/** One method on one path: its description, its schemas and what it does. */
export interface Operation extends OperationDescription {
  params: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  body: z.ZodType | undefined;
  /** Finds faults that need the store; also asked about a body with other faults, so that all are named at once. */
  check?(body: unknown): Promise<Fault[]>;
  handle(call: Call<unknown, unknown, unknown>): Promise<Answer>;
}

/** Defines an operation; `handle` gets what the schemas made of path, query and body. */
export function operation<
  Path extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
>(
  definition: OperationDescription & {
    params?: Path;
    query?: Query;
    body?: Body;
    check?(body: unknown): Promise<Fault[]>;
    handle(call: Call<z.output<Path>, z.output<Query>, z.output<Body>>): Promise<Answer>;
  },
): Operation {
  return {
    ...definition,
    params: definition.params,
    query: definition.query,
    body: definition.body,
    handle: (call) => definition.handle(call as Call<z.output<Path>, z.output<Query>, z.output<Body>>),
  };
}
