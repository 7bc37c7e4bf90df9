import kafkajs from "kafkajs";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/**
 * kafkajs, without its timer that never rests: after the first reply each connection of 2.2.4 looks every
 * millisecond whether something waits to be sent, for as long as it is open. That was most of what a stack did.
 * With nothing waiting there is nothing to look for: whatever comes to wait arms the timer itself.
 */
const { scheduleCheckPendingRequests: schedule } = RequestQueue.prototype;
RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleIfPending(this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
};

export const { AssignerProtocol, Kafka, Partitioners, logLevel } = kafkajs;
export type { Admin, Consumer, EachBatchPayload, Producer } from "kafkajs";
/** A client of one cluster. */
export type Kafka = kafkajs.Kafka;
