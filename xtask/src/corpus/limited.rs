//! Runs a program for a limited time and in limited memory, and measures it: whatever a contract does to the generator
//! or to the compiler is a row of the table, and never the end of it.

use std::fs;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Result;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) seconds: f64,
    pub(super) megabytes: f64,
}

#[derive(Debug)]
pub(super) struct Ended {
    pub(super) how: End,
    pub(super) seconds: f64,
    /// The most it held; 0 where the system does not tell.
    pub(super) megabytes: f64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Success,
    Failure(String),
    TooSlow,
    TooLarge,
}

/// Runs a program to its end, or kills it when it goes beyond a limit.
pub(super) fn run(command: &mut Command, limits: Limits) -> Result<Ended> {
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let mut megabytes = 0_f64;
    let mut pause = Duration::from_millis(1);
    let how = loop {
        megabytes = megabytes.max(peak(&child.id().to_string()).unwrap_or_default());
        if let Some(status) = child.try_wait()? {
            break if status.success() { End::Success } else { End::Failure(status.to_string()) };
        }
        if start.elapsed().as_secs_f64() > limits.seconds {
            break killed(&mut child, End::TooSlow);
        }
        if megabytes > limits.megabytes {
            break killed(&mut child, End::TooLarge);
        }
        sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    Ok(Ended { how, seconds: start.elapsed().as_secs_f64(), megabytes })
}

fn killed(child: &mut Child, how: End) -> End {
    // It may have ended by itself just now.
    let _ = child.kill();
    let _ = child.wait();
    how
}

/// The most memory that a process has held so far, in MiB; `self` is this one.
pub(super) fn peak(process: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(line: &str, seconds: f64, megabytes: f64) -> End {
        run(Command::new("sh").args(["-c", line]), Limits { seconds, megabytes }).unwrap().how
    }

    #[test]
    fn all_ends_are_told_apart() {
        assert_eq!(ended("true", 60.0, 1000.0), End::Success);
        assert!(matches!(ended("exit 3", 60.0, 1000.0), End::Failure(status) if status.contains('3')));
        assert_eq!(ended("sleep 60", 0.1, 1000.0), End::TooSlow);
        if peak("self").is_some() {
            assert_eq!(ended("sleep 60", 60.0, 0.1), End::TooLarge);
        }
    }
}
