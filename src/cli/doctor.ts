import type { Command } from './command.ts';
export const doctor: Command = { summary: 'x', help: 'x', run: async () => ({}) };
