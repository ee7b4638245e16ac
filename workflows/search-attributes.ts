import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
const keywordList = (name: string) => defineSearchAttributeKey(name, 'KEYWORD_LIST');
const datetime = (name: string) => defineSearchAttributeKey(name, 'DATETIME');

const keys = {
  OrderId: keyword('OrderId'),
  ChannelId: keyword('ChannelId'),
  Status: keyword('Status'),
  Stage: keyword('Stage'),
  CustomerId: keyword('CustomerId'),
  WaitingFor: keyword('WaitingFor'),
  Carrier: keyword('Carrier'),
  Problem: keywordList('Problem'),
  LocationId: keywordList('LocationId'),
  StageSince: datetime('StageSince'),
  WaitUntil: datetime('WaitUntil'),
} as const;

/** What operators find workflows by. Plain text in Temporal: no personal data. Null clears a value. */
export interface Shown {
  OrderId: string;
  ChannelId: string;
  Status: string | null;
  Stage: string;
  CustomerId: string | null;
  WaitingFor: string | null;
  Carrier: string | null;
  Problem: string[];
  LocationId: string[];
  StageSince: string;
  WaitUntil: string | null;
}

/** Sets search attributes, but only those that changed since the last call: each upsert is an event of the history. */
export function createShow(): (shown: Shown) => void {
  const last = new Map<string, string>();
  return (shown) => {
    const changed = Object.entries(shown).filter(([name, value]) => {
      const text = JSON.stringify(value);
      const known = last.get(name) ?? (Array.isArray(value) ? '[]' : 'null');
      last.set(name, text);
      return known !== text;
    });
    if (changed.length === 0) return;
    upsertSearchAttributes(
      changed.map(([name, value]) => pair(name as keyof Shown, value as string | string[] | null)),
    );
  };
}

function pair(name: keyof Shown, value: string | string[] | null): SearchAttributeUpdatePair {
  const isDate = name === 'StageSince' || name === 'WaitUntil';
  return {
    key: keys[name],
    value: isDate && typeof value === 'string' ? new Date(value) : value,
  } as SearchAttributeUpdatePair;
}
