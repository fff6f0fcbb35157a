/** The version of this package. A bundle carries it without carrying package.json. */
export const VERSION = '0.1.0';
