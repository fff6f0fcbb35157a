import { button, element, sentence } from '../../../page-kit/elements.ts';
import type { PlaceId } from '../messages.ts';

const VERSIONS = { ec2: '2016-11-15', elasticache: '2015-02-02' } as const;

const NO_ANSWER = 'No answer';

/** A call did not succeed: the API refused it, or there was no answer. */
export class ApiFailure extends Error {
  readonly action: string;
  readonly code: string;

  constructor(action: string, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.action = action;
    this.code = code;
  }
}

/**
 * Makes one API call. The server signs it with the account's credentials and sends it on; the answer is the API's own XML.
 *
 * @throws {ApiFailure}
 */
export async function callApi(
  { account, region }: PlaceId,
  service: keyof typeof VERSIONS,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Document> {
  const response = await fetch(`/console/calls?${new URLSearchParams({ account, region, service })}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: VERSIONS[service], ...parameters }).toString(),
  }).catch(() => undefined);
  if (response === undefined) throw new ApiFailure(action, NO_ANSWER, 'The local AWS has ended.');
  if (!response.ok) throw new ApiFailure(action, `HTTP ${response.status}`, await response.text());
  const { status, xml, problem } = await response.json();
  if (problem !== undefined) throw new ApiFailure(action, NO_ANSWER, problem);
  const answer = new DOMParser().parseFromString(xml, 'text/xml');
  if (status < 400) return answer;
  throw new ApiFailure(action, textIn(answer, 'Code') || `HTTP ${status}`, textIn(answer, 'Message'));
}

/**
 * Makes calls that need what was created for them; if they do not succeed, it is deleted again.
 *
 * @throws what `use` throws, with what was left behind if it cannot be deleted.
 */
export async function deleteUnlessUsed<T>(
  what: string,
  remove: () => Promise<unknown>,
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    // Without an answer no one knows whether it is used.
    if (!(error instanceof ApiFailure) || error.code === NO_ANSWER) throw error;
    try {
      await remove();
    } catch (cause) {
      const left = `${error.message} ${what} was created for it, and is still there.`;
      throw new ApiFailure(error.action, error.code, left, { cause });
    }
    throw error;
  }
}

/** The text of the first element of this name; empty if there is none. */
export function textIn(answer: Document, name: string): string {
  return answer.getElementsByTagName(name)[0]?.textContent ?? '';
}

/**
 * Makes calls when a form is submitted, and says below it what came of them. The button keeps the focus, so it is not disabled.
 *
 * @param submit makes the calls, and gives a sentence that says what was done.
 */
export function onSubmit(form: HTMLFormElement, submit: (field: (name: string) => string) => Promise<string>): void {
  const button = form.querySelector<HTMLButtonElement>('button[type="submit"]');
  const [done, failed] = [form.querySelector('.done'), form.querySelector('.error')];
  let isBusy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    button?.setAttribute('aria-disabled', 'true');
    done?.replaceChildren();
    failed?.replaceChildren();
    const data = new FormData(form);
    try {
      const said = await submit((name) => String(data.get(name) ?? '').trim());
      done?.replaceChildren(...sentence(said));
    } catch (error) {
      failed?.replaceChildren(...describeFailure(error));
    } finally {
      isBusy = false;
      button?.removeAttribute('aria-disabled');
    }
  });
}

/** A button that makes calls. Pressed again meanwhile it makes no more; it keeps the focus, so it is not disabled. */
export function callButton(
  attributes: Parameters<typeof button>[0],
  text: string,
  makeCalls: () => Promise<void>,
): HTMLButtonElement {
  return button(attributes, text, async (self) => {
    if (self.getAttribute('aria-disabled') === 'true') return;
    self.setAttribute('aria-disabled', 'true');
    try {
      await makeCalls();
    } finally {
      self.removeAttribute('aria-disabled');
    }
  });
}

/** What came of a call that did not succeed. */
export function describeFailure(error: unknown): (Node | string)[] {
  if (!(error instanceof ApiFailure)) return [String(error)];
  return [
    element('strong', {}, error.code),
    element('p', {}, error.message),
    element('p', { class: 'hint' }, error.action),
  ];
}
