/** AWS throttled the calls to the end. The state machine invokes the function again in a while, by the name of this error. */
export class ThrottledError extends Error {
  override name = 'ThrottledError';
}
