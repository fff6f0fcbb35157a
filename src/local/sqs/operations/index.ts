import type { Operation } from '../../operation.ts';
import { changeMessageVisibility } from './change-message-visibility.ts';
import { deleteMessage } from './delete-message.ts';
import { getQueueAttributes } from './get-queue-attributes.ts';
import { receiveMessage } from './receive-message.ts';

/** The operations by the end of the header X-Amz-Target. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ChangeMessageVisibility: changeMessageVisibility,
    DeleteMessage: deleteMessage,
    GetQueueAttributes: getQueueAttributes,
    ReceiveMessage: receiveMessage,
  }),
);
