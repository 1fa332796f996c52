import { before } from 'node:test';
import { pathToFileURL } from 'node:url';

/** Runs the test files that TEST_FILES names, in one process, where they share a browser for each engine. */
const files = process.env.TEST_FILES.split(' ');
const loaded = Promise.all(files.map((file) => import(pathToFileURL(file).href)));

// Node is through when all tests are that it knows of.
before(() => loaded);
await loaded;
