export { orderWorkflow } from './order';
export { shipmentWorkflow } from './shipment';
export { feedWorkflow } from './feed';
export { sweeperWorkflow } from './sweeper';
