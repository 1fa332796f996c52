import { pathToFileURL } from 'node:url';

/** Runs the test files that TEST_FILES names, in one process, where they share a browser for each engine. */
for (const file of process.env.TEST_FILES.split(' ')) await import(pathToFileURL(file));
