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
      ? shareOfUnits(lineTotal(line, order.prices_include_tax), line.quantity, unitsOpened(order, line.line_id), part.quantity)
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
  // What the order as a whole adds or takes off (its own discounts and taxes) falls on shipments by the value of their goods.
  const adjustment = order.totals.grand_total - orderGoods - (order.shipping_charge ?? 0);
  const spread = orderGoods > 0 ? shareOfUnits(Math.abs(adjustment), orderGoods, goodsBefore, goods) : Math.abs(adjustment);
  return { lines, shipping, total: Math.max(0, goods + shipping + Math.sign(adjustment) * spread) };
}

/** Spreads what a shipment is worth over the payments that the hub collects, in their order, each up to what it gave. */
function captureShares(order: Order, total: number, last: boolean): CaptureShare[] {
  const collectable = order.payments.filter((payment) => payment.collected_by === 'hub' && payment.state === 'authorized');
  const planned = collectable.reduce((sum, payment) => sum + payment.planned, 0);
  let due = last ? order.totals.grand_total - planned - capturedElsewhere(order) : total;
  const shares: CaptureShare[] = [];
  for (const payment of collectable) {
    const amount = Math.min(Math.max(0, due), payment.amount - payment.planned);
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
