#!/usr/bin/env node
import { runCli } from './run-cli.ts';

// A reader such as `head` may close the pipe early; nobody is left to tell about it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), process.env);
