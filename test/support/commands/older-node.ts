/** The argument of Node with which a program takes it for Node 20.20.2. */
export const AS_NODE_20 = `--import=data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`,
)}`;
