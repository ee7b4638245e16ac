/** The warehouse's words and ours. */
import type { OperationOutput, FeedItem } from '../kit/vocabulary';
import type { WireOrderAnswer, WireReport } from './wire';

/** Order states. */
export const stateOfStatus: Record<WireOrderAnswer['status'], OperationOutput<'fulfillment.get'>['state']> = {
  NEW: 'received',
  ACKNOWLEDGED: 'accepted',
  PICKED: 'picked',
  PACKED: 'packed',
  REFUSED: 'rejected',
  STOPPED: 'cancelled',
};

/** Kinds of report. */
export const typeOfReport: Record<WireReport['kind'], FeedItem<'shipment_confirmation'>['type']> = {
  ACK: 'accepted',
  PICK: 'picked',
  PACK: 'packed',
  SHORT: 'short',
  REFUSED: 'rejected',
};
