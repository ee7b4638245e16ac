import type { Outgoing } from '../../domain/decider';
import type { OrderFacts } from '../../domain/order/facts';
import type { Order } from '../../domain/order/schema';
import type { Source } from '../../domain/routing/nearest';
import { shipmentDecider } from '../../domain/shipment/decide';
import type { ShipmentFacts } from '../../domain/shipment/facts';
import type { Shipment } from '../../domain/shipment/schema';
import { milestoneSchema } from '../../domain/tracking/schema';
import { at, capturedOrder, destination, newOrder, newShipment, settings, source, type Aggregate } from './aggregate';

type OrderInMemory = Aggregate<Order, OrderFacts>;
type ShipmentInMemory = Aggregate<Shipment, ShipmentFacts>;

/** One thing that happens to the hub; the numbers choose among what is possible at that moment. */
export interface Happening {
  what: 'order_step' | 'row' | 'old_row' | 'effect' | 'warehouse' | 'scan' | 'stock' | 'recheck' | 'note' | 'wait';
  a: number;
  b: number;
}

/** All kinds of happenings. */
export const happenings: readonly Happening['what'][] = [
  'order_step',
  'row',
  'old_row',
  'effect',
  'warehouse',
  'scan',
  'stock',
  'recheck',
  'note',
  'wait',
];

const milestones = milestoneSchema.options;
const faults = ['unavailable', 'rejected', 'outcome_unknown', 'misconfigured', 'unexpected_response'];

function pick<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % Math.max(1, items.length)];
}

/**
 * An order with its shipments, its stock and its partners in memory. Whatever happens is a cause that really can come:
 * rows late, twice and out of order, steps only when it is their turn, partners that succeed, fail and contradict themselves.
 */
export class HubModel {
  readonly order: OrderInMemory;
  readonly shipments = new Map<string, ShipmentInMemory>();
  seconds = 1;
  private readonly open: Outgoing[] = [];
  private readonly delivered: Outgoing[] = [];
  private readonly stock: Record<string, number>[] = [{ TEE: 2, CAP: 1 }, { TEE: 1 }];
  private causes = 0;

  constructor(changes: Parameters<typeof capturedOrder>[0]) {
    const body = capturedOrder(changes);
    this.order = newOrder(body);
    this.order.when({ cause_id: body.order_id, kind: 'capture', body }, 0);
  }

  /** Every aggregate of the model. */
  get aggregates(): (OrderInMemory | ShipmentInMemory)[] {
    return [this.order, ...this.shipments.values()];
  }

  /** Lets one thing happen; where nothing of its kind is possible, nothing does. */
  happen({ what, a, b }: Happening): void {
    this.seconds += 1;
    switch (what) {
      case 'order_step':
        this.orderStep(b);
        break;
      case 'row':
        this.deliver(this.open.splice(a % Math.max(1, this.open.length), 1)[0]);
        break;
      case 'old_row':
        this.deliver(pick(this.delivered, a));
        break;
      case 'effect':
        this.effect(this.shipment(a), b);
        break;
      case 'warehouse':
        this.warehouse(this.shipment(a), b);
        break;
      case 'scan':
        this.scan(this.shipment(a), b);
        break;
      case 'stock':
        for (const place of this.stock) place[b % 2 === 0 ? 'TEE' : 'CAP'] = a % 9;
        break;
      case 'recheck':
        this.recheck(a, b);
        break;
      case 'note':
        this.order.when({ cause_id: this.cause('cmd'), kind: 'note', body: { text: 'x' } }, this.seconds);
        break;
      case 'wait':
        this.seconds += [1, settings.retry_s, settings.backorder_recheck_s, settings.return_window_s][a % 4] ?? 1;
        break;
    }
    this.collect();
  }

  /** Drives everything on as a workflow would, until the order is closed or nothing can go on by itself. */
  finish(): void {
    for (let round = 0; round < 200 && this.order.current.closed_at === null; round += 1) {
      for (const place of this.stock) Object.assign(place, { TEE: 50, CAP: 50 });
      this.orderStep(1);
      this.collect();
      for (let row = this.open.shift(); row; row = this.open.shift()) {
        this.deliver(row);
        this.collect();
      }
      for (const shipment of this.shipments.values()) this.finishShipment(shipment);
      this.collect();
      this.seconds += settings.return_window_s;
    }
  }

  private finishShipment(shipment: ShipmentInMemory): void {
    for (let steps = 0; steps < 6; steps += 1) this.effect(shipment, 1);
    const { lines, packed_at, parcels } = shipment.current;
    if (packed_at === null) {
      const all = lines.map(({ line_id, quantity }) => ({ line_id, quantity }));
      this.report(shipment, 'packed', all, 1);
    }
    for (const { tracking_number } of parcels) {
      if (tracking_number) this.track(shipment, tracking_number, 'DELIVERED');
    }
  }

  private cause(prefix: string): string {
    this.causes += 1;
    return `${prefix}_${String(this.causes)}`;
  }

  private shipment(number: number): ShipmentInMemory | undefined {
    return pick([...this.shipments.values()], number);
  }

  private collect(): void {
    for (const aggregate of this.aggregates) this.open.push(...aggregate.sent.splice(0));
  }

  private sources(): Source[] {
    return this.stock.map((available, index) =>
      source(`loc_${String(index)}`, available, index === 0 ? 'near' : 'far'),
    );
  }

  private orderStep(number: number): void {
    const [step] = this.order.next(this.seconds).steps;
    if (step === undefined) return;
    const unknown = number % 5 === 0;
    const skus = unknown ? { TEE: 'TEE' } : { TEE: 'TEE', CAP: 'CAP' };
    const held = number % 4 !== 0;
    this.order.take(step, this.seconds, {
      body: step === 'reserve' ? { reservation_id: this.cause('res'), held, lost: [] } : null,
      reference: { skus, routing: { sources: this.sources(), destination } },
    });
  }

  /** A row is decided once; what comes again is known by its cause. */
  private deliver(row: Outgoing | undefined): void {
    if (!row) return;
    this.delivered.push(row);
    if (row.kind === 'open') {
      if (this.shipments.has(row.to)) return;
      const shipment = newShipment(row.to);
      this.shipments.set(row.to, shipment);
      shipment.when(row, this.seconds);
    } else if (!this.order.knows(row.cause_id)) {
      this.order.when(row, this.seconds);
    }
  }

  private effect(shipment: ShipmentInMemory | undefined, number: number): void {
    const effect = shipment && pick(shipment.next(this.seconds).steps, number);
    if (!shipment || effect === undefined) return;
    const { parcels, captures } = shipment.current;
    const outcomes: Record<string, unknown> = {
      release: { fulfillment_id: 'ful' },
      label: {
        booking_id: 'bok',
        carrier: 'acme',
        service: 'standard',
        parcels: parcels.map(({ parcel_id }) => ({ parcel_id, tracking_number: `${shipment.id}/${parcel_id}` })),
        cost: { amount: 500, currency: 'EUR' },
        estimated_delivery_at: number % 2 === 0 ? null : at(this.seconds + 100_000),
      },
      announce: { announcement_id: 'ann' },
      capture: { capture_ids: captures.map((_, index) => `cap_${String(index)}`) },
      invoice: { invoice_id: 'inv' },
    };
    const fault = { kind: pick(faults, number >> 2) ?? 'unavailable', code: 'x', reason: null };
    const body = number % 4 === 0 && effect !== 'handoff' ? { fault } : { outcome: outcomes[effect] };
    shipment.take(effect, this.seconds, { body });
  }

  private report(
    shipment: ShipmentInMemory,
    type: string,
    lines: { line_id: string; quantity: number }[],
    parcels: number,
  ): void {
    const packed = Array.from({ length: parcels }, (_, index) => ({
      parcel_id: `p${String(index + 1)}`,
      weight_grams: 500,
      length_mm: null,
      width_mm: null,
      height_mm: null,
    }));
    const cause_id = this.cause('scan/wms/e');
    const body = { event_id: cause_id, type, at: at(this.seconds), lines, parcels: packed };
    shipment.when({ cause_id, kind: 'fulfillment_event', body }, this.seconds);
  }

  private warehouse(shipment: ShipmentInMemory | undefined, number: number): void {
    if (!shipment) return;
    const type = ['accepted', 'picked', 'picked', 'packed', 'short'][number % 5] ?? 'picked';
    // Now and then more than there is; packed always is what was asked for, as short picks are not handled yet.
    const lines = shipment.current.lines.map(({ line_id, quantity }) => ({
      line_id,
      quantity: type === 'packed' ? quantity : (number >> 3) % (quantity + 2),
    }));
    this.report(shipment, type, lines, type === 'packed' ? 1 + ((number >> 3) % 2) : 0);
  }

  private scan(shipment: ShipmentInMemory | undefined, number: number): void {
    const tracking_number = shipment && pick(shipment.current.parcels, number)?.tracking_number;
    if (tracking_number) this.track(shipment, tracking_number, pick(milestones, number >> 2) ?? 'UNKNOWN');
  }

  private track(shipment: ShipmentInMemory, tracking_number: string, milestone: (typeof milestones)[number]): void {
    const cause_id = this.cause('scan/c/e');
    const body = { tracking_number, tracking_event_id: cause_id, milestone, at: at(this.seconds) };
    const cause = {
      cause_id,
      kind: 'tracking',
      body,
      at: at(this.seconds),
      actor: { kind: 'partner', id: 'c' },
    } as const;
    if (shipmentDecider.ready(shipment.current, cause)) shipment.when(cause, this.seconds);
  }

  private recheck(a: number, b: number): void {
    const aggregate = pick(this.aggregates, a);
    const code = pick(['SKU_UNKNOWN', 'STOCK_SHORT', 'LABEL_FAILED', 'CAPTURE_FAILED'], b) ?? 'STOCK_SHORT';
    aggregate?.when({ cause_id: this.cause('recheck'), kind: 'recheck', body: { code } }, this.seconds);
  }
}
