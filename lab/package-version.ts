import packageJson from '../package.json' with { type: 'json' };

/** The version that a record and its digest belong to. */
export const packageVersion: string = packageJson.version;
