import type { ApiError } from './api-error.ts';
import type { Caller } from './iam/caller.ts';
import type { Operation } from './operation.ts';
import type { Parameters } from './parameters.ts';
import type { HttpRequest } from './query-request.ts';

/** One call, as it was made and as it ended. */
export interface ApiCall {
  readonly requestId: string;
  readonly service: Service;
  readonly action: string;
  /** Those that the operation knows, as the caller wrote them. */
  readonly parameters: Parameters;
  readonly readOnly: boolean;
  readonly region: string;
  /** Who made it, and so in which account. */
  readonly principal: Caller;
  readonly userAgent: string;
  /** `X-Amzn-Trace-Id`, if the caller sent it: which invocation of Lambda made the call. */
  readonly traceId?: string;
  readonly sourceIp: string;
  readonly result: object | undefined;
  readonly error: ApiError | undefined;
}

/** An answer. Of errors the status is the error's. */
export interface WireAnswer {
  /** Of a success; 200 if not given. */
  readonly status?: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the requests of a service are on the wire. */
export interface RequestFormat {
  /** What a request says, before anyone looks whether it may. */
  readonly readParameters: (request: HttpRequest) => Parameters;
  /**
   * The operation that a request is for: its name, which is among the service's.
   *
   * @throws {ApiError} MissingAction or InvalidAction.
   */
  readonly actionOf: (request: HttpRequest, parameters: Parameters) => string;
}

/** A service of AWS that the endpoint speaks for: what differs from one to the other. */
export interface Service extends RequestFormat {
  /**
   * What signatures are made for: `elasticache`. CloudTrail's `eventSource` is `elasticache.amazonaws.com` then, and the
   * source of the event `aws.elasticache`.
   */
  readonly name: string;
  /** The one `Version` that a call may name: `2015-02-02`. Of services of the Query protocol alone. */
  readonly apiVersion?: string;
  /** What the header X-Amz-Target begins with: `AWSEvents`. Of services of the JSON protocol alone. */
  readonly target?: string;
  /** Of a service that has one endpoint for all regions: the region that calls to it are signed for, in addition to those there are. */
  readonly homeRegion?: string;
  readonly operations: ReadonlyMap<string, Operation>;
  /**
   * Errors that any call can meet, in the service's own words. They arrive as ElastiCache's: `Throttling`,
   * `InternalFailure`, `ServiceUnavailable`, `AccessDenied`, `ExpiredToken`, `InvalidAction`, `MissingAction` and those of
   * signatures and malformed requests.
   */
  readonly inItsWords: (error: ApiError) => ApiError;
  /** A successful answer. `result` is undefined for operations that answer with nothing. */
  readonly toAnswer: (action: string, result: object | undefined, requestId: string) => WireAnswer;
  readonly toErrorAnswer: (error: ApiError, requestId: string) => WireAnswer;
  /** `requestParameters` of a call's CloudTrail record. */
  readonly toRequestParameters: (call: ApiCall) => unknown;
  /** `responseElements` of a successful call's CloudTrail record. */
  readonly toResponseElements: (call: ApiCall) => unknown;
  /** `errorCode` of a failed call's CloudTrail record. */
  readonly toRecordedCode: (error: ApiError) => string;
}
