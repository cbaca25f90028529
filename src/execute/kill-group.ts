/** Ends a process and all that it started and left in its group, at once. What is gone already is no error. */
export function killGroup(pid: number): void {
  for (const id of [-pid, pid]) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // no such group (it leads none, or this is Windows), or no such process any more
    }
  }
}
