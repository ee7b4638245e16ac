import type { MasterData } from '../../store/master-data';
import type { Fault } from '../problem';

/** Faults for channel ids that nothing has; each comes with the pointer at which it stands. */
export async function unknownChannels(
  masterData: Pick<MasterData, 'channel'>,
  given: readonly (readonly [pointer: string, channelId: string | undefined])[],
): Promise<Fault[]> {
  const ids = [...new Set(given.flatMap(([, id]) => (id === undefined ? [] : [id])))];
  const found = new Map(await Promise.all(ids.map(async (id) => [id, await masterData.channel(id)] as const)));
  return given.flatMap(([pointer, id]): Fault[] =>
    id === undefined || found.get(id)
      ? []
      : [{ pointer, code: 'unknown_reference', message: 'There is no channel with this id.' }],
  );
}
