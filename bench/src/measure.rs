//! What a piece of work costs: time, time on the processor, memory.

use std::time::Instant;

/// Seconds by the clock, and on the processor.
pub(crate) async fn timed(work: impl Future<Output = ()>) -> (f64, f64) {
    let (start, cpu) = (Instant::now(), on_processor());
    work.await;
    (start.elapsed().as_secs_f64(), on_processor() - cpu)
}

/// Seconds that this thread has run; zero where Linux does not say.
pub(crate) fn on_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// Most memory that was ever resident, in KiB.
pub(crate) fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or_default()
}
