import { z } from 'zod';
import { channelInputSchema, channelPatchSchema, channelSchema } from '../../domain/channel/schema';
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from '../cursor';
import type { ResourceDependencies } from '../dependencies';
import { channelExample, channelInputExample } from '../examples/master-data';
import { operation, type Operation } from '../operation';
import { notFound, Refusal } from '../problem';
import { givenFields, taken } from './changes';

const params = z.strictObject({ channel_id: z.string().meta({ example: channelExample.channel_id }) });

/** Creates, lists, shows, changes and deletes channels. */
export function channelOperations({ masterData }: ResourceDependencies): Operation[] {
  return [
    operation({
      id: 'createChannel',
      method: 'post',
      path: '/v1/channels',
      tag: 'Channels',
      summary: 'Create a channel',
      scope: 'channels:write',
      body: channelInputSchema,
      body_example: channelInputExample,
      answers: {
        201: {
          description: 'Created.',
          schema: channelSchema,
          example: channelExample,
          headers: { Location: 'The channel.' },
        },
      },
      refusals: ['ALREADY_EXISTS'],
      async handle({ body }) {
        const created = await masterData.createChannel(body);
        if (!created) throw taken('/code', 'channel', body.code);
        return { status: 201, body: created, headers: { location: `/v1/channels/${created.channel_id}` } };
      },
    }),
    operation({
      id: 'listChannels',
      method: 'get',
      path: '/v1/channels',
      tag: 'Channels',
      summary: 'List channels by code',
      scope: 'channels:read',
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of channels.',
          schema: pageOf(channelSchema),
          example: { data: [channelExample], next_cursor: null },
        },
      },
      async handle({ query: { limit, cursor } }) {
        const after = decodeCursor('channels', z.tuple([z.string()]), cursor);
        const rows = await masterData.channels({ ...(after ? { after: after[0] } : {}), limit: limit + 1 });
        return {
          status: 200,
          body: toPage(
            rows,
            limit,
            (row) => row,
            (row) => encodeCursor('channels', [row.code]),
          ),
        };
      },
    }),
    operation({
      id: 'getChannel',
      method: 'get',
      path: '/v1/channels/{channel_id}',
      tag: 'Channels',
      summary: 'Show a channel',
      scope: 'channels:read',
      params,
      answers: { 200: { description: 'The channel.', schema: channelSchema, example: channelExample } },
      refusals: ['NOT_FOUND'],
      async handle({ path }) {
        const channel = await masterData.channel(path.channel_id);
        if (!channel) throw notFound('channel', path.channel_id);
        return { status: 200, body: channel };
      },
    }),
    operation({
      id: 'changeChannel',
      method: 'patch',
      path: '/v1/channels/{channel_id}',
      tag: 'Channels',
      summary: 'Change a channel',
      description: 'Only the fields that are given change.',
      scope: 'channels:write',
      params,
      body: channelPatchSchema,
      body_example: { name: 'Web shop Europe' },
      answers: { 200: { description: 'As it stands now.', schema: channelSchema, example: channelExample } },
      refusals: ['NOT_FOUND', 'ALREADY_EXISTS'],
      async handle({ path, body }) {
        const changed = await masterData.changeChannel(path.channel_id, givenFields(body));
        if (changed) return { status: 200, body: changed };
        if (await masterData.channel(path.channel_id)) throw taken('/code', 'channel', body.code ?? '');
        throw notFound('channel', path.channel_id);
      },
    }),
    operation({
      id: 'deleteChannel',
      method: 'delete',
      path: '/v1/channels/{channel_id}',
      tag: 'Channels',
      summary: 'Delete a channel',
      scope: 'channels:write',
      params,
      answers: { 204: { description: 'Deleted.' } },
      refusals: ['NOT_FOUND', 'IN_USE'],
      async handle({ path }) {
        const outcome = await masterData.deleteChannel(path.channel_id);
        if (outcome === 'not_found') throw notFound('channel', path.channel_id);
        if (outcome === 'in_use') throw new Refusal('IN_USE', 'The channel has open orders.');
        return { status: 204 };
      },
    }),
  ];
}
