/** The embedded warehouse itself. */
import { defineSimulator, type SimulatorContext, type SimulatorRoute } from '../kit/simulator';
import { accountRoute, pageOf, refuse, routeWithBody, withKeyCheck } from '../kit/simulator-answers';
import type { SimulatorAnswer } from '../kit/simulator-faults';
import { createSchedule, type DueEntry, type Schedule } from '../kit/simulator-schedule';
import type { SimulatorState, StateEntry } from '../kit/simulator-state';
import { packBoxes } from './packing';
import { wireOrderSchema, type WireOrder, type WireOrderAnswer, type WireReport } from './wire';

const MINUTE_MS = 60_000;
/** Real-world delays from release to each report. */
const steps = [
  { kind: 'ACK', status: 'ACKNOWLEDGED', after_ms: 2 * MINUTE_MS },
  { kind: 'PICK', status: 'PICKED', after_ms: 22 * MINUTE_MS },
  { kind: 'PACK', status: 'PACKED', after_ms: 32 * MINUTE_MS },
] as const;

interface Fulfillment {
  fulfillment_id: string;
  reference: string;
  location_code: string;
  status: WireOrderAnswer['status'];
  created_at: string;
  positions: WireOrder['positions'];
  /** When each step is due, fixed at release: a restart at another speed does not move it. */
  due_at: number[];
}

/** `/_state/confirmations` shows what was reported; the wire's report lies in `report`. */
interface Confirmation {
  event_id: string;
  fulfillment_id: string;
  reference: string;
  type: WireReport['kind'];
  at: string;
  report: WireReport;
}

/** The embedded warehouse; its reports come into being when somebody looks and they are due. */
export const simulator = defineSimulator({
  id: 'sandbox-wms',
  collections: ['fulfillments', 'confirmations'],
  open(context) {
    const schedule = createSchedule();
    for (const fulfillment of context.state.list<Fulfillment>('fulfillments')) {
      const done = context.state.where('confirmations', 'fulfillment_id', fulfillment.fulfillment_id).length;
      scheduleStep(schedule, fulfillment, done);
    }
    return { routes: withKeyCheck(routes(context, schedule)), catchUp: () => catchUp(context, schedule) };
  },
});

function routes({ state, speed, now }: SimulatorContext, schedule: Schedule): SimulatorRoute[] {
  return [
    routeWithBody(
      { operation: 'fulfillment.release', method: 'post', path: '/api/v1/orders' },
      wireOrderSchema,
      (order) => {
        const [known] = state.where<Fulfillment>('fulfillments', 'reference', order.orderNumber);
        if (known !== undefined) return { status: 200, body: toAnswer(known) };
        const created: Fulfillment = {
          fulfillment_id: `WF${String(state.list('fulfillments').length + 1).padStart(8, '0')}`,
          reference: order.orderNumber,
          location_code: order.warehouse,
          status: 'NEW',
          created_at: new Date(now()).toISOString(),
          positions: order.positions,
          due_at: steps.map(({ after_ms }) => now() + Math.round(after_ms / speed)),
        };
        state.put(['fulfillments', created.fulfillment_id, created]);
        scheduleStep(schedule, created, 0);
        return { status: 201, body: toAnswer(created) };
      },
    ),
    {
      operation: 'fulfillment.get',
      method: 'get',
      path: '/api/v1/orders/:id',
      handle: ({ params }) => read(state, params.id),
    },
    {
      operation: 'fulfillment.cancel',
      method: 'post',
      path: '/api/v1/orders/:id/stop',
      handle: ({ params }) => stop(state, params.id),
    },
    {
      operation: 'shipment_confirmation',
      method: 'get',
      path: '/api/v1/reports',
      handle(request) {
        const { page, next, more } = pageOf(state.list<Confirmation>('confirmations'), request);
        return { status: 200, body: { reports: page.map(({ report }) => report), next, more } };
      },
    },
    accountRoute('/api/v1/me', 'sandbox-wms', now),
  ];
}

function read(state: SimulatorState, id: string | undefined): SimulatorAnswer {
  const known = state.get<Fulfillment>('fulfillments', id ?? '');
  return known === undefined ? refuse(404, 'ORDER_UNKNOWN') : { status: 200, body: toAnswer(known) };
}

function stop(state: SimulatorState, id: string | undefined): SimulatorAnswer {
  const known = state.get<Fulfillment>('fulfillments', id ?? '');
  if (known === undefined) return refuse(404, 'ORDER_UNKNOWN');
  if (known.status === 'PACKED' || known.status === 'REFUSED') {
    return { status: 200, body: { id: known.fulfillment_id, stopped: false, status: known.status } };
  }
  if (known.status !== 'STOPPED') state.put(['fulfillments', known.fulfillment_id, { ...known, status: 'STOPPED' }]);
  return { status: 200, body: { id: known.fulfillment_id, stopped: true, status: 'STOPPED' } };
}

function toAnswer(fulfillment: Fulfillment): WireOrderAnswer {
  return { id: fulfillment.fulfillment_id, orderNumber: fulfillment.reference, status: fulfillment.status };
}

function scheduleStep(schedule: Schedule, fulfillment: Fulfillment, step: number): void {
  const due = fulfillment.due_at[step];
  if (due !== undefined) schedule.add({ due_at: due, id: fulfillment.fulfillment_id, step });
}

function catchUp({ state, now }: SimulatorContext, schedule: Schedule): void {
  for (let due = schedule.takeDue(now()); due !== undefined; due = schedule.takeDue(now())) {
    const fulfillment = state.get<Fulfillment>('fulfillments', due.id);
    if (fulfillment === undefined || fulfillment.status === 'STOPPED') continue;
    state.put(...report(fulfillment, due));
    scheduleStep(schedule, fulfillment, due.step + 1);
  }
}

function report(fulfillment: Fulfillment, due: DueEntry): StateEntry[] {
  const step = steps[due.step];
  if (step === undefined) return [];
  const { fulfillment_id, reference, positions } = fulfillment;
  const at = new Date(due.due_at).toISOString();
  const event_id = `${fulfillment_id}-${step.kind}`;
  const wire: WireReport = {
    id: event_id,
    orderId: fulfillment_id,
    orderNumber: reference,
    kind: step.kind,
    time: at,
    positions: positions.map(({ position, qty }) => ({ position, qty })),
    ...(step.kind === 'PACK' ? { packages: packages(fulfillment) } : {}),
  };
  const confirmation: Confirmation = { event_id, fulfillment_id, reference, type: step.kind, at, report: wire };
  return [
    ['confirmations', event_id, confirmation],
    ['fulfillments', fulfillment_id, { ...fulfillment, status: step.status }],
  ];
}

function packages(fulfillment: Fulfillment): NonNullable<WireReport['packages']> {
  const lines = fulfillment.positions.map(({ position, qty, unitWeight }) => ({
    line_id: position,
    quantity: qty,
    weight_grams: unitWeight,
  }));
  return packBoxes(lines).map((box, index) => ({
    id: `${fulfillment.fulfillment_id}-P${index + 1}`,
    grams: box.weight_grams,
    sides: [400, 300, 200],
    positions: box.lines.map(({ line_id, quantity }) => ({ position: line_id, qty: quantity })),
  }));
}
