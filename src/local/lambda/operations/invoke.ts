import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { required } from '../../parameters.ts';
import { shown } from '../../shown.ts';
import { functionArnOf } from '../read-function.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html . Asynchronously alone. */
export const invoke: Operation = {
  parameters: ['FunctionName', 'InvocationType', 'Payload'],
  readOnly: false,
  isDataEvent: true,
  permission: 'lambda:InvokeFunction',
  resourceOf: functionArnOf,
  run(parameters, region, { invoke: invokeFunction }) {
    const type = parameters.get('InvocationType');
    if (type !== 'Event') {
      const message = `The local AWS knows the invocation type Event alone, not ${shown(type ?? 'RequestResponse')}.`;
      throw new ApiError('InvalidParameterValueException', message);
    }
    const payload = readPayload(parameters.get('Payload') ?? '');
    const name = required(parameters, 'FunctionName').split(':').at(-1) ?? '';
    if (!invokeFunction(name, payload)) {
      throw new ApiError('ResourceNotFoundException', `Function not found: ${functionArnOf(parameters, region)}`, 404);
    }
    return undefined;
  },
};

/** The code is in the API Reference; its words are seen in public reports. */
function readPayload(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ApiError('InvalidRequestContentException', message, 400, { cause: error });
  }
}
