export const workers: (options: { readonly workers: number }) => import('attune').Executor;
