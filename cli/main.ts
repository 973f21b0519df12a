#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { runCli } from './run-cli.ts';
import { reportStrayError } from './stray-error.ts';

const args = process.argv.slice(2);

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const { text, exitCode } = reportStrayError(error, args);
    writeSync(2, text);
    process.exit(exitCode);
  });
}

// A reader such as `head` may close the pipe early; nobody is left to tell about it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCli(args, process.env);
