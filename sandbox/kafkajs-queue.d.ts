/** The queue that each of kafkajs's connections sends through: what kafkajs.ts mends of it. */
declare module "kafkajs/src/network/requestQueue/index.js" {
  export default class RequestQueue {
    constructor(options: {
      maxInFlightRequests: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      clientId: string;
      broker: string;
      logger: { debug(): void };
      isConnected?: () => boolean;
    });
    readonly pending: unknown[];
    /** The timer that is armed, if any. */
    readonly throttleCheckTimeoutId: NodeJS.Timeout | null;
    throttledUntil: number;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
    checkPendingRequests(): void;
    destroy(): void;
  }
}
