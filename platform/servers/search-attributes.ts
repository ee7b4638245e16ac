import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * The search attributes that workflows set, shared by all kinds of workflow. They are stored in plain text: no personal
 * data. A development server holds at most 10 Keyword, 3 KeywordList and 3 Datetime attributes.
 */
export const searchAttributes = {
  OrderId: defineSearchAttributeKey('OrderId', 'KEYWORD'),
  ChannelId: defineSearchAttributeKey('ChannelId', 'KEYWORD'),
  Status: defineSearchAttributeKey('Status', 'KEYWORD'),
  Stage: defineSearchAttributeKey('Stage', 'KEYWORD'),
  CustomerId: defineSearchAttributeKey('CustomerId', 'KEYWORD'),
  WaitingFor: defineSearchAttributeKey('WaitingFor', 'KEYWORD'),
  Carrier: defineSearchAttributeKey('Carrier', 'KEYWORD'),
  Problem: defineSearchAttributeKey('Problem', 'KEYWORD_LIST'),
  LocationId: defineSearchAttributeKey('LocationId', 'KEYWORD_LIST'),
  PromisedBy: defineSearchAttributeKey('PromisedBy', 'DATETIME'),
  StageSince: defineSearchAttributeKey('StageSince', 'DATETIME'),
  WaitUntil: defineSearchAttributeKey('WaitUntil', 'DATETIME'),
} as const;
