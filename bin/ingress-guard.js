#!/usr/bin/env node
// The command. This file is committed, not built, because its mode must be that of a program in every new checkout: npx makes
// a command executable when it first links to it, and keeps that link in npm's cache (libnpmexec, `missingFromTree`).
import '../dist/src/cli/main.js';
