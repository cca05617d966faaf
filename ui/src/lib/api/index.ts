/** What the screens may use of the core: the interface, its types, and its errors. */

export type * from './bridge';
export { apiOver } from './client';
export { KendError } from './error';
export { callOfThisPlace } from './transport';
