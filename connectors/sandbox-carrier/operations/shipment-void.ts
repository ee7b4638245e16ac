import type { SafeOperation } from '../../kit/contract';
import { cancelBooking } from '../client';
import type { Config, Secrets } from '../config';

/** Voids all labels of a booking; again gives the same answer, after collection it is refused with reason `state`. */
export const voidShipment: SafeOperation<'shipment.void', Config, Secrets> = {
  repeat: 'safe',
  async run(call, input) {
    const { bookingNo, cancelledAt } = await cancelBooking(call, input.booking_id);
    return { booking_id: bookingNo, voided_at: cancelledAt };
  },
};
