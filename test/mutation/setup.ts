import fc from 'fast-check';

// The same inputs for each mutant and each run, so that a figure can be made again; and that a property fails is enough:
// nobody reads by which smallest input.
fc.configureGlobal({ seed: 1, endOnFailure: true });
