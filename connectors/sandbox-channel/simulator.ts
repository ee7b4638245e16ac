/** The embedded shop itself. */
import { defineSimulator } from '../kit/simulator';
import { accountRoute, routeWithBody, withKeyCheck } from '../kit/simulator-answers';
import { wireDispatchSchema, type WireDispatch, type WireDispatched } from './wire';

interface Announcement {
  announcement_id: string;
  reference: string;
  channel_order_id: string;
  at: string;
  items: WireDispatch['items'];
  packages: WireDispatch['packages'];
}

/** The embedded shop: each announcement is kept, also a second one under the same reference. */
export const simulator = defineSimulator({
  id: 'sandbox-channel',
  collections: ['announcements'],
  open: ({ state, now }) => ({
    routes: withKeyCheck([
      routeWithBody(
        { operation: 'shipment.announce', method: 'post', path: '/shop/orders/:orderNo/dispatches' },
        wireDispatchSchema,
        ({ externalRef, items, packages }, { params }) => {
          const announcement: Announcement = {
            announcement_id: `DP${String(state.list('announcements').length + 1).padStart(8, '0')}`,
            reference: externalRef,
            channel_order_id: params.orderNo ?? '',
            at: new Date(now()).toISOString(),
            items,
            packages,
          };
          state.put(['announcements', announcement.announcement_id, announcement]);
          return { status: 201, body: toWire(announcement) };
        },
      ),
      {
        operation: 'shipment.announce.find',
        method: 'get',
        path: '/shop/dispatches',
        handle({ query }) {
          const found = state.where<Announcement>('announcements', 'reference', query.externalRef ?? '');
          return { status: 200, body: { dispatches: found.map(toWire) } };
        },
      },
      accountRoute('/shop/me', 'sandbox-channel', now),
    ]),
  }),
});

function toWire({ announcement_id, reference }: Announcement): WireDispatched {
  return { dispatchId: announcement_id, externalRef: reference };
}
