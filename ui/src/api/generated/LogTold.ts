export type LogTold = { cells: number, to_byte: number, all: boolean, };
