/**
 * A message that Amazon Q Developer in chat applications (AWS Chatbot before) shows in Slack, Teams or Chime: its custom notification,
 * version 1.0. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: { readonly summary: string; readonly eventType: string };
}

/** What a function returns with the setting `chat`, next to all else. */
export interface WithChat {
  readonly chat?: ChatMessage;
}
