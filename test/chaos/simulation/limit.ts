/** How many revocations an audit with a limit makes at most, in both regions together. */
export const LIMIT = 3;
/** The source of the event that starts it. */
export const LIMITED_SCHEDULE = 'aws.events.limited';
