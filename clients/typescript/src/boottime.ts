import { readFileSync } from "node:fs";

const TICK_NS = 10_000_000n; // /proc/uptime is cut to hundredths of a second

/**
 * Whether an instant on the host's CLOCK_BOOTTIME has passed; true wherever that cannot be told. Node has no call for that
 * clock. Linux shows it in /proc/uptime; elsewhere nothing does.
 *
 * @param boottimeNs - nanoseconds; 0 stands for "never".
 */
export function hasPassed(boottimeNs: bigint): boolean {
  return boottimeNs !== 0n && passed(boottimeNs, process.hrtime.bigint(), uptime());
}

/**
 * @param monotonicNs - CLOCK_MONOTONIC, read first.
 * @param uptime - the content of /proc/uptime, read after it.
 */
export function passed(boottimeNs: bigint, monotonicNs: bigint, uptime: string): boolean {
  const [, seconds, hundredths] = /^(\d+)\.(\d\d) /.exec(uptime) ?? [];
  if (seconds === undefined || hundredths === undefined) return true;
  const latest = BigInt(seconds + hundredths) * TICK_NS + TICK_NS;
  // CLOCK_BOOTTIME is CLOCK_MONOTONIC and the time asleep. Some containers show their own age instead: an earlier time.
  return latest < monotonicNs || latest >= boottimeNs;
}

function uptime(): string {
  try {
    return readFileSync("/proc/uptime", "ascii");
  } catch {
    return "";
  }
}
