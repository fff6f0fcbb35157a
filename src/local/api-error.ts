/** An error that the API answers with. `code` is the code on the wire, which is not the SDK's name for it. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: string;
  readonly status: number;
  /** What the error says in addition to its message, in services whose errors have members. */
  readonly members: object;

  constructor(code: string, message: string, status = 400, options?: ErrorOptions & { readonly members?: object }) {
    super(message, options);
    this.code = code;
    this.status = status;
    this.members = options?.members ?? {};
  }
}
