// The shape of what answers commands: a journal in memory is made of several such parts, which together answer all of them.
import type { Commands } from '../host';

export type Table = {
  [K in keyof Commands]: (input: Commands[K]['input']) => Commands[K]['output'] | Promise<Commands[K]['output']>;
};

/** The part that answers these commands. */
export type Part<K extends keyof Commands> = Pick<Table, K>;
