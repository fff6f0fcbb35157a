import { UnusableAnswerError } from '../answers.ts';

/** The errors of the ElastiCache API that mean something to us, by what they mean. */
export type ApiErrorMeaning = 'grant-not-found' | 'grant-exists' | 'busy' | 'no-ec2-classic' | 'unknown-operation';

/**
 * What an error of the SDK means, or `undefined`. Codes on the wire and the SDK's names for them differ
 * (`AuthorizationNotFound`, `AuthorizationNotFoundFault`), so both are known here.
 */
export function meaningOf(error: unknown): ApiErrorMeaning | undefined {
  if (!(error instanceof Error)) return undefined;
  switch (error.name) {
    case 'AuthorizationNotFound':
    case 'AuthorizationNotFoundFault':
    case 'CacheSecurityGroupNotFound':
    case 'CacheSecurityGroupNotFoundFault':
      return 'grant-not-found';
    case 'AuthorizationAlreadyExists':
    case 'AuthorizationAlreadyExistsFault':
      return 'grant-exists';
    case 'InvalidCacheSecurityGroupState':
    case 'InvalidCacheSecurityGroupStateFault':
      return 'busy';
    case 'InvalidParameterValue':
    case 'InvalidParameterValueException':
      // The code alone is also that of a plain bad argument; only the message shows an account without EC2-Classic:
      // "Use of cache security groups is not permitted in this API version for your account."
      return error.message.includes('not permitted in this API version for your account')
        ? 'no-ec2-classic'
        : undefined;
    // What AWS answers for an operation that it does not know, and what emulators answer for one that they do not have.
    case 'InvalidAction':
    case 'UnknownOperation':
    case 'UnknownOperationException':
    case 'NotImplemented':
    case 'NotImplementedException':
      return 'unknown-operation';
    default:
      // A proxy's page with that status says nothing of the API.
      return httpStatusOf(error) === NOT_IMPLEMENTED && !(error instanceof UnusableAnswerError)
        ? 'unknown-operation'
        : undefined;
  }
}

const NOT_IMPLEMENTED = 501;

function httpStatusOf(error: object): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
