import type { ApiError } from './api-error.ts';
import type { Operation } from './operation.ts';
import type { Parameters } from './parameters.ts';

/** One call, as it was made and as it ended. */
export interface ApiCall {
  readonly requestId: string;
  readonly service: Service;
  readonly action: string;
  /** Those that the operation knows, as the caller wrote them. */
  readonly parameters: Parameters;
  readonly readOnly: boolean;
  readonly region: string;
  readonly userAgent: string;
  /** `X-Amzn-Trace-Id`, if the caller sent it: which invocation of Lambda made the call. */
  readonly traceId?: string;
  readonly sourceIp: string;
  readonly result: object | undefined;
  readonly error: ApiError | undefined;
}

/** A service of AWS that the endpoint speaks for: what differs from one to the other. */
export interface Service {
  /**
   * What signatures are made for: `elasticache`. CloudTrail's `eventSource` is `elasticache.amazonaws.com` then, and the
   * source of the event `aws.elasticache`.
   */
  readonly name: string;
  /** The one `Version` that a call may name: `2015-02-02`. */
  readonly apiVersion: string;
  /** The operations by the value of `Action`. */
  readonly operations: ReadonlyMap<string, Operation>;
  /**
   * Errors that any call can meet, in the service's own words. They arrive as ElastiCache's: `Throttling`,
   * `InternalFailure`, `ServiceUnavailable`, `AccessDenied`, `InvalidAction`, `MissingAction` and those of signatures and
   * malformed requests.
   */
  readonly inItsWords: (error: ApiError) => ApiError;
  /** The body of a successful answer. `result` is undefined for operations that answer with nothing. */
  readonly toResponseXml: (action: string, result: object | undefined, requestId: string) => string;
  /** The body of an error. */
  readonly toErrorXml: (error: ApiError, requestId: string) => string;
  /** `requestParameters` of a call's CloudTrail record. */
  readonly toRequestParameters: (call: ApiCall) => unknown;
  /** `responseElements` of a successful call's CloudTrail record. */
  readonly toResponseElements: (call: ApiCall) => unknown;
  /** `errorCode` of a failed call's CloudTrail record. */
  readonly toRecordedCode: (error: ApiError) => string;
}
