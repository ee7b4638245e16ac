import { stepCauseId } from '../domain/decider';
import type { LabelOutcome } from '../domain/shipment/events';
import { nextOfShipment, shipmentFacts, type ShipmentEffect, type ShipmentFacts } from '../domain/shipment/facts';
import type { Shipment } from '../domain/shipment/schema';
import type { Order } from '../domain/order/schema';
import type { OperationInput, OperationName, OperationOutput } from '../connectors/kit/vocabulary';
import type { PerformOptions } from '../connectors/kit/connection';
import { ConnectorFault } from '../connectors/kit/faults';
import { noFaults, type FaultPoint, type LeftOut } from '../platform/fault-points';
import type { Store } from '../store/connect';
import type { MasterData } from '../store/master-data';
import type { StoredOperationLog } from '../store/operation-log';
import type { Connections } from './connections';
import type { WorkflowPersist } from './persist';

/** What the effects of a shipment need. */
export interface ShipmentEffectDependencies {
  store: Store;
  masterData: MasterData;
  connections: Connections;
  operationLog: StoredOperationLog;
  workflowPersist: WorkflowPersist;
  /** Aborts when the activity is cancelled; undefined outside an activity. */
  signal?: () => AbortSignal | undefined;
  faultPoint?: FaultPoint;
  leaveOut?: LeftOut;
}

interface Subject {
  shipment: Shipment;
  order: Order;
}

/**
 * Performs one effect of a shipment and records its outcome. Asked twice, or after it was overtaken, it changes nothing
 * and answers the facts as they stand; null when the shipment is not known. Throws ConnectorFault.
 */
export type PerformShipmentEffect = (
  effect: ShipmentEffect,
  argument: { id: string; at: string },
) => Promise<ShipmentFacts | null>;

/** Builds the effects of shipments: what is bought, told or booked elsewhere, each once. */
export function createShipmentEffects(dependencies: ShipmentEffectDependencies): PerformShipmentEffect {
  const { store, masterData, connections, operationLog, workflowPersist, faultPoint = noFaults } = dependencies;
  const leaveOut = dependencies.leaveOut ?? [];

  function options(shipment: Shipment, key: string, reference: string): PerformOptions {
    const signal = dependencies.signal?.();
    return {
      key: `${shipment.shipment_id}/${key}`,
      reference,
      entity_id: shipment.shipment_id,
      log: operationLog,
      protocol: {
        findBeforeFirstCall: !leaveOut.includes('find_before_first_call'),
        waitForSettle: !leaveOut.includes('wait_for_settle'),
      },
      ...(signal ? { signal } : {}),
    };
  }

  async function perform<N extends OperationName>(
    on: Awaited<ReturnType<Connections['ofKind']>>,
    operation: N,
    input: OperationInput<N>,
    how: PerformOptions,
  ): Promise<OperationOutput<N>> {
    await faultPoint(`${operation}.before_call`);
    const output = await on.connection.perform(operation, input, how);
    await faultPoint(`${operation}.after_call`);
    return output;
  }

  async function locationOf(shipment: Shipment): Promise<NonNullable<Awaited<ReturnType<MasterData['location']>>>> {
    const location = await masterData.location(shipment.location_id);
    if (location) return location;
    throw new ConnectorFault({
      kind: 'misconfigured',
      happened: 'no',
      at_fault: 'merchant',
      code: 'location_missing',
      message: `The location ${shipment.location_id} is not known.`,
    });
  }

  async function release({ shipment, order }: Subject): Promise<{ fulfillment_id: string }> {
    const location = await locationOf(shipment);
    const products = await masterData.productsBySku(shipment.lines.map((line) => line.sku));
    const wms = await connections.ofKind('wms', location.connections.wms);
    const input: OperationInput<'fulfillment.release'> = {
      reference: shipment.shipment_id,
      location_code: location.code,
      ship_to: order.ship_to,
      lines: shipment.lines.map(({ line_id, sku, quantity }) => ({
        line_id,
        sku,
        quantity,
        weight_grams: products.get(sku)?.weight_grams,
      })),
      service_level: shipment.service,
    };
    return perform(wms, 'fulfillment.release', input, options(shipment, 'fulfillment.release/1', shipment.shipment_id));
  }

  async function label({ shipment, order }: Subject): Promise<LabelOutcome> {
    const location = await locationOf(shipment);
    const carrier = await connections.ofKind('carrier', location.connections.carrier);
    const input: OperationInput<'shipment.book'> = {
      reference: shipment.shipment_id,
      service: shipment.service,
      from: location.address,
      to: order.ship_to,
      parcels: shipment.parcels.map(({ parcel_id, weight_grams, length_mm, width_mm, height_mm }) => ({
        parcel_id,
        weight_grams,
        length_mm: length_mm ?? undefined,
        width_mm: width_mm ?? undefined,
        height_mm: height_mm ?? undefined,
      })),
      goods_value: { amount: shipment.invoice.total, currency: shipment.currency },
    };
    const how = options(shipment, 'shipment.book/1', shipment.shipment_id);
    const booking = await perform(carrier, 'shipment.book', input, how);
    await store.labels.bulkWrite(
      booking.parcels.flatMap(({ parcel_id, tracking_number, labels }) =>
        labels.map(({ format, content_base64 }) => ({
          updateOne: {
            filter: { _id: `${shipment.shipment_id}/${tracking_number}/${format}` },
            update: {
              $setOnInsert: {
                shipment_id: shipment.shipment_id,
                parcel_id,
                tracking_number,
                format,
                content_base64,
                voided_at: null,
              },
            },
            upsert: true,
          },
        })),
      ),
      { ordered: false },
    );
    return {
      booking_id: booking.booking_id,
      carrier: booking.carrier,
      service: booking.service,
      parcels: booking.parcels.map(({ parcel_id, tracking_number }) => ({ parcel_id, tracking_number })),
      cost: booking.cost,
      estimated_delivery_at: booking.estimated_delivery_at ?? null,
    };
  }

  async function announce({ shipment, order }: Subject): Promise<{ announcement_id: string }> {
    const stored = await masterData.channel(shipment.channel_id);
    const channel = await connections.ofKind('channel', stored?.connection_id);
    const input: OperationInput<'shipment.announce'> = {
      reference: shipment.shipment_id,
      channel_order_id: order.channel_order_id,
      lines: shipment.lines.map(({ line_id, sku, shipped }) => ({ line_id, sku, quantity: shipped })),
      parcels: shipment.parcels.flatMap(({ tracking_number }) =>
        tracking_number === null || shipment.carrier === null ? [] : [{ tracking_number, carrier: shipment.carrier }],
      ),
    };
    return perform(channel, 'shipment.announce', input, options(shipment, 'shipment.announce/1', shipment.shipment_id));
  }

  async function capture({ shipment, order }: Subject): Promise<{ capture_ids: string[] }> {
    const capture_ids: string[] = [];
    for (const [index, share] of shipment.captures.entries()) {
      const payment = order.payments.find(
        (candidate) => candidate.provider === share.provider && candidate.reference === share.authorization_reference,
      );
      const provider = await connections.ofProvider(share.provider);
      const how = options(shipment, `capture/${String(index + 1)}`, `${shipment.shipment_id}/${String(index + 1)}`);
      const input: OperationInput<'capture'> = {
        reference: how.reference,
        authorization_reference: share.authorization_reference,
        amount: share.amount,
        authorized_amount: payment?.amount,
        currency: shipment.currency,
      };
      const { capture_id } = await perform(provider, 'capture', input, how);
      capture_ids.push(capture_id);
    }
    return { capture_ids };
  }

  async function invoice({ shipment, order }: Subject): Promise<{ invoice_id: string }> {
    const erp = await connections.ofKind('erp');
    const input: OperationInput<'invoice.push'> = {
      reference: shipment.shipment_id,
      order_reference: order.channel_order_id,
      customer: { customer_id: order.customer_id, name: order.customer.name, email: order.customer.email },
      currency: shipment.currency,
      lines: shipment.invoice.lines.map(({ line_id, sku, quantity, amount }) => ({
        line_id,
        sku,
        quantity,
        title: order.lines.find((line) => line.line_id === line_id)?.title,
        total: amount,
      })),
      shipping_charge: shipment.invoice.shipping,
      total: shipment.invoice.total,
    };
    return perform(erp, 'invoice.push', input, options(shipment, 'invoice.push/1', shipment.shipment_id));
  }

  const effects: Record<ShipmentEffect, (subject: Subject) => Promise<unknown>> = {
    release,
    label,
    announce,
    capture,
    invoice,
  };

  return async (effect, { id, at }) => {
    const shipment = await store.shipments.findOne({ _id: id });
    if (!shipment) return null;
    const now = new Date().toISOString();
    const facts = shipmentFacts(shipment);
    const step = nextOfShipment(facts, at > now ? at : now).steps.find((candidate) => candidate.name === effect);
    if (!step) return facts;
    const order = await store.orders.findOne({ _id: shipment.order_id });
    if (!order) return null;
    const outcome = await effects[effect]({ shipment, order });
    const cause = {
      cause_id: stepCauseId(step),
      kind: 'step',
      body: { outcome },
      at: new Date().toISOString(),
      actor: { kind: 'system', id: 'hub' } as const,
    };
    return (await workflowPersist.run({ entity: 'shipment', id, at, causes: [cause] })) as ShipmentFacts | null;
  };
}
