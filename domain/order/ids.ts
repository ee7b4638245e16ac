/** The id of an order's n-th shipment (n from 1), the same after a reset or a restore. */
export function shipmentId(orderId: string, n: number): string {
  return `shp_${orderId.slice('ord_'.length)}_${String(n)}`;
}

/** The workflow that owns an order; channel and order id are percent-encoded. */
export function orderWorkflowId(channelId: string, channelOrderId: string): string {
  return `order/${encodeURIComponent(channelId)}/${encodeURIComponent(channelOrderId)}`;
}

/** The workflow that owns a shipment. */
export function shipmentWorkflowId(id: string): string {
  return `shipment/${id}`;
}
