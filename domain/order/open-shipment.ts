import { lineTotal, shareOfUnits } from '../money/totals';
import type { CaptureShare, InvoiceShare } from '../shipment/schema';
import type { OpenedShipment } from './events';
import { orderWorkflowId, shipmentId } from './ids';
import type { Order, OrderLine, PlannedShipment } from './schema';

/** Units of a line that earlier shipments of the order already took. */
function unitsOpened(order: Order, lineId: string): number {
  return order.shipments
    .flatMap((shipment) => shipment.lines)
    .filter((line) => line.line_id === lineId)
    .reduce((sum, line) => sum + line.quantity, 0);
}

/** What is left of the order's units after this shipment: nothing means that it is the last and takes the remainder. */
function isLast(order: Order, planned: PlannedShipment): boolean {
  return order.lines.every((line) => {
    const here = planned.lines.filter((l) => l.line_id === line.line_id).reduce((sum, l) => sum + l.quantity, 0);
    return unitsOpened(order, line.line_id) + here >= line.quantity - line.cancelled;
  });
}

function invoiceShare(order: Order, planned: PlannedShipment): InvoiceShare {
  const lineOf = new Map<string, OrderLine>(order.lines.map((line) => [line.line_id, line]));
  const lines = planned.lines.map((part) => {
    const line = lineOf.get(part.line_id);
    const amount = line
      ? shareOfUnits(
          lineTotal(line, order.prices_include_tax),
          line.quantity,
          unitsOpened(order, line.line_id),
          part.quantity,
        )
      : 0;
    return { ...part, amount };
  });
  const goods = lines.reduce((sum, line) => sum + line.amount, 0);
  const shipping = order.shipments.length === 0 ? (order.shipping_charge ?? 0) : 0;
  const orderGoods = order.lines.reduce((sum, line) => sum + lineTotal(line, order.prices_include_tax), 0);
  const goodsBefore = order.lines.reduce((sum, line) => {
    const total = lineTotal(line, order.prices_include_tax);
    return sum + shareOfUnits(total, line.quantity, 0, unitsOpened(order, line.line_id));
  }, 0);
  // The first shipment carries the shipping; all else that the order costs falls on shipments by the value of their goods,
  // so that its own discounts and taxes are spread with them and no discount can make a shipment worth less than nothing.
  const charged = Math.min(order.shipping_charge ?? 0, order.totals.grand_total);
  const rest = order.totals.grand_total - charged;
  const first = order.shipments.length === 0;
  const spread = orderGoods > 0 ? shareOfUnits(rest, orderGoods, goodsBefore, goods) : first ? rest : 0;
  return { lines, shipping, total: (first ? charged : 0) + spread };
}

/** Spreads what a shipment is worth over the payments that the hub collects, in their order, each up to what it gave. */
function captureShares(order: Order, total: number, last: boolean): CaptureShare[] {
  const collectable = order.payments.filter(
    (payment) => payment.collected_by === 'hub' && payment.state === 'authorized',
  );
  const planned = collectable.reduce((sum, payment) => sum + payment.planned, 0);
  const left = Math.max(0, order.totals.grand_total - planned - capturedElsewhere(order));
  let due = last ? left : Math.min(total, left);
  const shares: CaptureShare[] = [];
  for (const payment of collectable) {
    const amount = Math.min(due, payment.amount - payment.planned);
    if (amount <= 0) continue;
    due -= amount;
    shares.push({ provider: payment.provider, authorization_reference: payment.reference, amount, capture_id: null });
  }
  return shares;
}

/** What the channel collected or somebody captured before: the hub never captures that again. */
function capturedElsewhere(order: Order): number {
  return order.payments
    .filter((payment) => payment.collected_by === 'channel' || payment.state === 'captured')
    .reduce((sum, payment) => sum + payment.amount, 0);
}

/** The shipment that a part of the plan becomes, with its share of the money; the last one takes the remainder. */
export function openShipment(order: Order, planned: PlannedShipment, routingDecisionId: string): OpenedShipment {
  const invoice = invoiceShare(order, planned);
  return {
    shipment_id: shipmentId(order.order_id, planned.n),
    order_id: order.order_id,
    order_workflow_id: orderWorkflowId(order.channel_id, order.channel_order_id),
    order_placed_at: order.placed_at,
    channel_id: order.channel_id,
    n: planned.n,
    location_id: planned.location_id,
    routing_decision_id: routingDecisionId,
    currency: order.currency,
    service: order.service_level,
    lines: planned.lines,
    captures: captureShares(order, invoice.total, isLast(order, planned)),
    invoice,
  };
}
