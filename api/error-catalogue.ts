import type { ProblemCode } from '../domain/order/schema';

/** One kind of refusal: its status, what it means, and what the caller does about it. */
export interface CatalogueEntry {
  status: number;
  title: string;
  meaning: string;
  to_do: string;
}

/** Every `code` of a problem+json answer. `docs/errors.md` lists exactly these. */
export const errorCatalogue = {
  BODY_NOT_JSON: {
    status: 400,
    title: 'The body is not JSON',
    meaning: 'The body is empty, cut off, not UTF-8, or not JSON.',
    to_do: 'Send one complete JSON document.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    title: 'The request is malformed',
    meaning: 'The path or the transfer of the body cannot be understood, for example a broken percent-encoding.',
    to_do: 'Percent-encode ids in paths as UTF-8 and send the body completely.',
  },
  KEY_MISSING: {
    status: 401,
    title: 'An API key is needed',
    meaning: 'The request carries no `Authorization: Bearer <api key>`.',
    to_do: 'Send the key. The start key lies in `secrets/api-key` of the data folder.',
  },
  KEY_UNKNOWN: {
    status: 401,
    title: 'The API key is not accepted',
    meaning: 'The key is unknown, expired or revoked.',
    to_do: 'Use a current key, or ask who administers the hub for one.',
  },
  SCOPE_MISSING: {
    status: 403,
    title: 'The API key lacks a scope',
    meaning: 'The key is good but does not allow this; `detail` names the scope.',
    to_do: 'Use a key that has the scope.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is nothing under this id',
    meaning: 'No order, shipment, product, location, channel, receipt or parcel has this id.',
    to_do: 'Check the id and its prefix, or look it up in the list.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'There is no such path',
    meaning: 'The API has no such path, or not with this method.',
    to_do: 'Look the path and its methods up in `/docs`.',
  },
  ORDER_CONFLICT: {
    status: 409,
    title: 'The order is on record with other content',
    meaning:
      'The channel has already handed over an order with this `channel_order_id`. `versions` names the stored and the given content, `errors` where they differ. Nothing was overwritten.',
    to_do: 'Read the stored order. To change it, use its commands; for another order, use another `channel_order_id`.',
  },
  ALREADY_EXISTS: {
    status: 409,
    title: 'It exists already',
    meaning: 'Something else has this sku or code; `errors` points at the field.',
    to_do: 'Change the existing one by PATCH, or choose another sku or code.',
  },
  IN_USE: {
    status: 409,
    title: 'It is in use',
    meaning: 'Stock, open orders or open shipments refer to it, so it cannot be deleted.',
    to_do: 'Finish or move what refers to it, then delete it; switch a location off with `active: false` meanwhile.',
  },
  STATE_REFUSED: {
    status: 409,
    title: 'The state refuses the command',
    meaning: 'As it stands now, the order does not allow this; `detail` says why.',
    to_do: 'Read the order again: `allowed_actions` lists what may be done.',
  },
  LABEL_NOT_READY: {
    status: 409,
    title: 'The label is not bought yet',
    meaning: 'The shipment has no label yet.',
    to_do: 'Ask again when the shipment is labelled; its problems say what it waits for.',
  },
  LABEL_FORMAT_UNAVAILABLE: {
    status: 409,
    title: 'The carrier gave no label in this format',
    meaning: 'The labels of this shipment were bought in another format, and this one cannot be made from it.',
    to_do: 'Ask for the format that `parcels[].label.format` of the shipment names.',
  },
  LABEL_VOIDED: {
    status: 410,
    title: 'The label is void',
    meaning: 'The label was voided with the carrier and must not be used.',
    to_do: 'Destroy printed copies; read the shipment for its new label.',
  },
  EDIT_VERSION_STALE: {
    status: 412,
    title: 'The order has changed since it was read',
    meaning: '`If-Match` names another edit version than the current one. `current` is the order as it stands.',
    to_do: 'Look at what changed, then repeat with the new `ETag`.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    meaning: 'A body may have 1 MB.',
    to_do: 'Split it.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The body is not declared as JSON',
    meaning: '`Content-Type` is not `application/json` in UTF-8, or the body is compressed.',
    to_do: 'Send `Content-Type: application/json` and no `Content-Encoding`.',
  },
  INVALID: {
    status: 422,
    title: 'The request has faults',
    meaning: 'Fields of the body or of the query are refused. `errors` lists every fault with its JSON pointer.',
    to_do: 'Correct what the pointers name; the fault codes below say how.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    meaning: 'The same key came before with other content.',
    to_do: 'Make a new key for each new command and repeat it only with the same content.',
  },
  INTERNAL: {
    status: 500,
    title: 'The hub failed',
    meaning: 'A fault of the hub itself. Whether the request took effect is not known.',
    to_do: 'Repeat it: captures and commands with an Idempotency-Key happen once. Report the `trace_id` if it stays.',
  },
  UNAVAILABLE: {
    status: 503,
    title: 'The database is away',
    meaning: 'The hub cannot reach its database, or could not settle the write in time.',
    to_do: 'Repeat after the seconds in `Retry-After`; captures and commands with an Idempotency-Key happen once.',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** A code of `errorCatalogue`. */
export type ErrorCode = keyof typeof errorCatalogue;

/** Every `code` within `errors[]`: what is wrong with one field. `docs/errors.md` lists exactly these. */
export const faultCatalogue = {
  required: 'The field is missing. Send it.',
  unknown_field: 'There is no such field or query parameter. Leave it out, or correct its spelling.',
  wrong_type: 'The value has another JSON type than the field. Send the type that the message names.',
  too_small: 'The number is too low, the text too short or the list too short. Keep to the limit in the message.',
  too_large: 'The number is too high, the text too long or the list too long. Keep to the limit in the message.',
  wrong_format: 'The text has not the form that the message describes. Send that form.',
  value_not_allowed: 'The value is not one of those allowed, which the message lists.',
  invalid: 'The value breaks the rule in the message.',
  unknown_reference: 'Nothing has this id or sku. Create it first, or correct the reference.',
  not_supported: 'The value is valid, but this hub cannot do it yet. Leave it out or choose another.',
  duplicate: 'Something else has this value. Choose another.',
  differs: 'The stored value is another one. See `ORDER_CONFLICT`.',
  not_text: 'The text holds a NUL or half of a surrogate pair, which no document can keep. Clean it.',
  too_deep: 'The value is nested more than 32 levels deep. Flatten it.',
  given_twice: 'The query parameter is given more than once. Give it once.',
} as const;

/** A code of `faultCatalogue`. */
export type FaultCode = keyof typeof faultCatalogue;

/** Every problem code of orders and shipments: what it means and what an operator does about it. */
export const problemCatalogue: Readonly<Record<ProblemCode, { meaning: string; to_do: string }>> = {
  SKU_UNKNOWN: {
    meaning: 'A line names a sku that is no product and no alias of one.',
    to_do: "Create the product, or add the channel's name to a product's aliases. The order goes on by itself.",
  },
  STOCK_SHORT: {
    meaning: 'The locations that serve the order have not enough of a sku.',
    to_do: 'Book a receipt. Waiting orders are served again, the oldest first.',
  },
  LABEL_FAILED: {
    meaning: 'The carrier refused to sell the label, or could not be reached.',
    to_do:
      'Read `detail`. The hub tries again at `until`; an address or weight that the carrier refuses must be corrected.',
  },
  RELEASE_FAILED: {
    meaning: 'The warehouse refused the fulfillment request, or could not be reached.',
    to_do: 'Read `detail` and ask the warehouse. The hub tries again at `until`.',
  },
  ANNOUNCE_FAILED: {
    meaning: 'The channel could not be told that the shipment left.',
    to_do: "Check the channel's connection. Goods are not held up; the hub tries again at `until`.",
  },
  PAYMENT_IN_DOUBT: {
    meaning: 'A capture was sent and its outcome is not known yet.',
    to_do:
      'Nothing at first: the hub asks the payment provider by reference and adopts what it finds. Never capture by hand meanwhile.',
  },
  CAPTURE_FAILED: {
    meaning: 'The payment provider refused the capture, or could not be reached.',
    to_do: 'Read `detail` and ask the provider. The hub tries again at `until`.',
  },
  INVOICE_FAILED: {
    meaning: 'The accounting system refused the invoice, or could not be reached.',
    to_do: 'Read `detail` and mend the connection. Goods are not held up; the hub tries again at `until`.',
  },
};
