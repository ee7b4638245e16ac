import { z } from 'zod';
import { eventSchema } from '../../domain/event-schema';
import { fulfillmentStageSchema } from '../../domain/order/schema';
import { listEvents } from '../../store/read-orders';
import { findLabels, findShipment, listShipments, type ShipmentRecord } from '../../store/read-shipments';
import type { StoredLabel } from '../../store/rows';
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from '../cursor';
import type { ResourceDependencies } from '../dependencies';
import { shipmentEventExample, shipmentExample } from '../examples/shipment';
import { mergePdfs, renderPng } from '../label-documents';
import { operation, type Answer, type Operation } from '../operation';
import { presentEvent } from '../present';
import { invalid, notFound, Refusal } from '../problem';
import { shipmentAnswerSchema } from '../schemas/shipment-answer';

const params = z.strictObject({ shipment_id: z.string().meta({ example: shipmentExample.shipment_id }) });
const text = z.string().min(1).max(128);
const formats = ['pdf', 'zpl', 'png'] as const;
type Format = (typeof formats)[number];

const shipmentQuery = z.strictObject({
  order_id: text.optional(),
  status: fulfillmentStageSchema.optional().meta({ description: 'How far the shipment has come.' }),
  location_id: text.optional(),
  carrier: text.optional(),
  ...pageQuery,
});

const labelQuery = z.strictObject({
  format: z.enum(formats).default('pdf'),
  parcel_id: text.optional().meta({ description: 'One parcel alone; needed for `png` where there are several.' }),
});

const bytesOf = (label: StoredLabel): Buffer => Buffer.from(label.content_base64, 'base64');

/** The labels to answer with: of all parcels or of one, in one format. Refuses what is not bought, void or not there. */
function chosen(
  labels: readonly StoredLabel[],
  shipmentId: string,
  parcelId: string | undefined,
  format: Format,
): StoredLabel[] {
  if (labels.length === 0) {
    throw new Refusal('LABEL_NOT_READY', `The label of ${shipmentId} is not bought yet.`);
  }
  const wanted = labels.filter((label) => parcelId === undefined || label.parcel_id === parcelId);
  if (wanted.length === 0) throw notFound('label of a parcel', parcelId ?? '');
  const live = wanted.filter((label) => label.voided_at === null);
  if (live.length === 0) throw new Refusal('LABEL_VOIDED', 'The label was voided.');
  const parcels = new Set(live.map((label) => label.parcel_id));
  if (format === 'png' && parcels.size > 1) {
    throw invalid([{ pointer: '/parcel_id', code: 'required', message: 'An image shows one parcel; say which.' }]);
  }
  const inFormat = live.filter((label) => label.format === format);
  // An image is made from the PDF where the carrier gave none.
  const found = inFormat.length > 0 || format !== 'png' ? inFormat : live.filter((label) => label.format === 'pdf');
  if (new Set(found.map((label) => label.parcel_id)).size < parcels.size) {
    throw new Refusal('LABEL_FORMAT_UNAVAILABLE', `The carrier gave no ${format} label.`);
  }
  return found;
}

async function document(labels: readonly StoredLabel[], format: Format): Promise<NonNullable<Answer['content']>> {
  const [first] = labels;
  if (format === 'pdf') return { type: 'application/pdf', bytes: await mergePdfs(labels.map(bytesOf)) };
  if (format === 'zpl') return { type: 'application/zpl', bytes: Buffer.concat(labels.map(bytesOf)) };
  if (!first) throw new Error('There is no label to draw.');
  return { type: 'image/png', bytes: first.format === 'png' ? bytesOf(first) : await renderPng(bytesOf(first)) };
}

/** Lists and shows shipments with their events and labels. */
export function shipmentOperations({ store, present }: ResourceDependencies): Operation[] {
  const load = async (shipmentId: string): Promise<ShipmentRecord> => {
    const record = await findShipment(store, shipmentId);
    if (!record) throw notFound('shipment', shipmentId);
    return record;
  };

  return [
    operation({
      id: 'listShipments',
      method: 'get',
      path: '/v1/shipments',
      tag: 'Shipments',
      summary: 'List shipments, newest first',
      scope: 'shipments:read',
      query: shipmentQuery,
      answers: {
        200: {
          description: 'A page of shipments.',
          schema: pageOf(shipmentAnswerSchema),
          example: { data: [shipmentExample], next_cursor: null },
        },
      },
      async handle({ query: { limit, cursor, status, ...filter }, base_url }) {
        const after = decodeCursor('shipments', z.tuple([z.string(), z.string()]), cursor);
        const rows = await listShipments(store, { ...filter, fulfillment_stage: status }, { after, limit: limit + 1 });
        return {
          status: 200,
          body: toPage(
            rows,
            limit,
            (record) => present.shipment(record, base_url),
            ({ shipment }) => encodeCursor('shipments', [shipment.opened_at, shipment.shipment_id]),
          ),
        };
      },
    }),

    operation({
      id: 'getShipment',
      method: 'get',
      path: '/v1/shipments/{shipment_id}',
      tag: 'Shipments',
      summary: 'Show a shipment',
      scope: 'shipments:read',
      params,
      answers: { 200: { description: 'The shipment.', schema: shipmentAnswerSchema, example: shipmentExample } },
      refusals: ['NOT_FOUND'],
      async handle({ path, base_url }) {
        return { status: 200, body: present.shipment(await load(path.shipment_id), base_url) };
      },
    }),

    operation({
      id: 'listShipmentEvents',
      method: 'get',
      path: '/v1/shipments/{shipment_id}/events',
      tag: 'Shipments',
      summary: "Show a shipment's events, oldest first",
      scope: 'shipments:read',
      params,
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of events.',
          schema: pageOf(eventSchema),
          example: { data: [shipmentEventExample], next_cursor: null },
        },
      },
      refusals: ['NOT_FOUND'],
      async handle({ path, query: { limit, cursor } }) {
        const after = decodeCursor('events', z.tuple([z.string(), z.string(), z.int()]), cursor);
        const of = { entity_id: path.shipment_id };
        const rows = path.shipment_id.startsWith('shp_')
          ? await listEvents(store, of, { after, limit: limit + 1 })
          : [];
        // A shipment has at least the event of its opening.
        if (rows.length === 0) await load(path.shipment_id);
        return {
          status: 200,
          body: toPage(rows, limit, presentEvent, (event) =>
            encodeCursor('events', [event.recorded_at, event.entity_id, event.version]),
          ),
        };
      },
    }),

    operation({
      id: 'getLabel',
      method: 'get',
      path: '/v1/shipments/{shipment_id}/label',
      tag: 'Shipments',
      summary: "Fetch a shipment's labels",
      description: '`pdf` has a page for each parcel, `zpl` is one stream for all parcels, `png` shows one parcel.',
      scope: 'shipments:read',
      params,
      query: labelQuery,
      answers: {
        200: { description: 'The labels.', media_types: ['application/pdf', 'application/zpl', 'image/png'] },
      },
      refusals: ['NOT_FOUND', 'LABEL_NOT_READY', 'LABEL_FORMAT_UNAVAILABLE', 'LABEL_VOIDED'],
      async handle({ path, query: { format, parcel_id } }) {
        const labels = await findLabels(store, path.shipment_id);
        if (labels.length === 0) await load(path.shipment_id);
        return {
          status: 200,
          content: await document(chosen(labels, path.shipment_id, parcel_id, format), format),
          headers: { 'content-disposition': `inline; filename="${path.shipment_id}.${format}"` },
        };
      },
    }),
  ];
}
