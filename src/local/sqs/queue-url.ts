/** The account and the name at the end of a queue's URL, whatever host it has; `undefined` if it is no such URL. */
export function readQueueUrl(url: string): { readonly owner: string; readonly queue: string } | undefined {
  const [, owner, queue] = /\/(\d{12})\/([\w-]{1,80}(?:\.fifo)?)$/.exec(url) ?? [];
  return owner === undefined || queue === undefined ? undefined : { owner, queue };
}
