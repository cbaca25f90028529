globalThis.hooked = (globalThis.hooked ?? 0) + 1;
