import { setTimeout as delay } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { searchAttributes } from './search-attributes';

const RETENTION_S = 30 * 86_400;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PATIENCE_MS = 30_000;

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && (error.code as number) === code;
}

async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  const workflowExecutionRetentionTtl = { seconds: RETENTION_S as unknown as Long, nanos: 0 };
  const { workflowService } = connection;
  try {
    const found = await workflowService.describeNamespace({ namespace });
    const seconds = Number(found.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    if (seconds !== RETENTION_S) {
      await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
    }
  } catch (error) {
    if (!hasCode(error, NOT_FOUND)) throw error;
    try {
      await workflowService.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: workflowExecutionRetentionTtl,
      });
    } catch (registering) {
      if (!hasCode(registering, ALREADY_EXISTS)) throw registering;
    }
  }
}

async function missingAttributes(connection: Connection, namespace: string): Promise<Record<string, number>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const key of Object.values(searchAttributes)) {
    const wanted = encodeSearchAttributeIndexedValueType(key.type);
    const present = customAttributes[key.name];
    if (present === undefined) missing[key.name] = wanted ?? 0;
    else if (present !== wanted)
      throw new Error(`search attribute ${key.name} exists in ${namespace} with another type`);
  }
  return missing;
}

async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingAttributes(connection, namespace);
  if (Object.keys(missing).length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } catch (error) {
    if (!hasCode(error, ALREADY_EXISTS)) throw error;
  }
  const left = await missingAttributes(connection, namespace);
  if (Object.keys(left).length > 0) throw new Error(`search attributes not there yet: ${Object.keys(left).join(', ')}`);
}

/**
 * Makes the namespace fit for the hub: it exists, keeps closed runs for 30 days, and has every search attribute of
 * `searchAttributes`. Safe to repeat and to run in several processes at once. Throws when the server cannot be reached
 * or still refuses after 30 s (a new namespace takes some seconds until the server knows it everywhere).
 */
export async function prepareNamespace(options: { address: string; namespace: string }): Promise<void> {
  const connection = await Connection.connect({ address: options.address, connectTimeout: '10s' });
  try {
    await ensureNamespace(connection, options.namespace);
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        await ensureSearchAttributes(connection, options.namespace);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(200);
      }
    }
  } finally {
    await connection.close();
  }
}
