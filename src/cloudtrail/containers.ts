/**
 * The keys under which others keep CloudTrail's records: in an object, in a list, or as a text. Of those that an object has,
 * the first that holds anything is opened.
 */
export const CONTAINERS: readonly string[] = [
  // Splunk; Elasticsearch and OpenSearch.
  ...['_raw', '_source', 'hits', 'result', 'results'],
  // aws cloudtrail lookup-events; CloudTrail Lake; a log file, and what S3, SQS, SNS and Kinesis hand to a function.
  ...['CloudTrailEvent', 'Events', 'QueryResultRows', 'Records'],
  // aws logs filter-log-events and get-log-events; a subscription, also as a function gets it; Logs Insights; Firehose.
  ...['events', 'logEvents', 'awslogs', '@message', 'records'],
  // aws sqs receive-message, and its like in a function; SNS; Kinesis; the destination of a function that failed.
  ...['Messages', 'Body', 'body', 'Sns', 'Message', 'kinesis', 'Data', 'data', 'requestPayload'],
  // Filebeat, the Splunk HTTP event collector, loggers; aws events put-events; an event whose detail became a text.
  ...['message', 'original', 'event', 'Entries', 'Detail', 'detail'],
];

/** Lists that can be larger than memory. The last is that of an audit's report. */
export const LONG_LISTS: readonly string[] = ['Records', 'Events', 'events', 'results', 'records', 'findings'];

/** What people have next to records and is none, by a key that only it has. */
export const OTHERS: Readonly<Record<string, string>> = {
  digestStartTime: 'a CloudTrail digest',
  s3: 'an S3 notification: read the log file that it names',
  s3ObjectKey: 'a notice of log files: read those that it names',
};
