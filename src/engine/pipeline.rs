//! Chunks to workers and results back in order, with a fixed number of chunks on the way.

use std::collections::BTreeMap;

use crossbeam_channel::bounded;

use super::{Options, WalkError};
use crate::capture::{Chunk, Lines};

/// A chunk with what is known of its lines beforehand.
pub(super) struct Job<M> {
    pub(super) chunk: Chunk,
    pub(super) marks: M,
}

/// Reads the next chunk of `lines` without marks.
pub(super) fn plain(lines: &mut Lines<'_>, buffer: Vec<u8>) -> Result<Option<Job<()>>, WalkError> {
    let chunk = lines.next(buffer)?;
    Ok(chunk.map(|chunk| Job { chunk, marks: () }))
}

/// Runs `work` over every chunk that `feed` reads and hands the results to `take` in order.
///
/// `start` makes what each worker keeps. Buffers and results go round: when all are filled, reading waits
/// for `take`, and `work` gets a result back as `take` has left it, with its room. (To free a big one makes the
/// allocator join all small pieces that lie around: that and making new ones cost a twelfth of a dry run.)
/// All threads have ended when this returns.
///
/// # Errors
/// With the first error in the order of the chunks.
pub(super) fn run<M: Send, T: Default + Send, S>(
    options: &Options<'_>,
    mut feed: impl FnMut(Vec<u8>) -> Result<Option<Job<M>>, WalkError> + Send,
    start: impl Fn() -> Result<S, WalkError> + Sync,
    work: impl Fn(&mut S, &Job<M>, &mut T) -> Result<(), WalkError> + Sync,
    mut take: impl FnMut(&mut T) -> Result<(), WalkError>,
) -> Result<(), WalkError> {
    /// Chunks on the way for each worker.
    const CHUNKS_AHEAD: usize = 3;
    let threads = options.threads.max(1);
    let in_flight = threads * CHUNKS_AHEAD;
    let (free_in, free_out) = bounded::<(Vec<u8>, T)>(in_flight);
    let (job_in, job_out) = bounded::<(u64, Job<M>, T)>(in_flight);
    let (done_in, done_out) = bounded::<(u64, Result<(Vec<u8>, T), WalkError>)>(in_flight);
    for _ in 0..in_flight {
        free_in
            .send((Vec::new(), T::default()))
            .expect("the channel has room for all");
    }
    std::thread::scope(|scope| {
        // Dropped when this ends early: the reader waits for it and must not wait for ever.
        let free_in = free_in;
        let failed = done_in.clone();
        scope.spawn(move || {
            for number in 0.. {
                let Ok((buffer, result)) = free_out.recv() else {
                    return;
                };
                let input = if options.is_stopped() {
                    Err(WalkError::Stopped)
                } else {
                    feed(buffer)
                };
                match input {
                    Ok(Some(next)) => {
                        if job_in.send((number, next, result)).is_err() {
                            return;
                        }
                    }
                    Ok(None) => return,
                    Err(error) => {
                        // Nobody left to tell is no error: somebody else's came first.
                        drop(failed.send((number, Err(error))));
                        return;
                    }
                }
            }
        });
        for _ in 0..threads {
            let (job_out, done_in) = (job_out.clone(), done_in.clone());
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                let mut state = None;
                for (number, job, mut result) in job_out {
                    let done = ensure(&mut state, start)
                        .and_then(|state| work(state, &job, &mut result))
                        .map(|()| (job.chunk.bytes, result));
                    if done_in.send((number, done)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((job_out, done_in));
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, done) in done_out {
            waiting.insert(number, done);
            while let Some(done) = waiting.remove(&next) {
                let (buffer, mut result) = done?;
                take(&mut result)?;
                next += 1;
                // After the last chunk nobody wants them.
                drop(free_in.send((buffer, result)));
            }
        }
        Ok(())
    })
}

fn ensure<S>(
    state: &mut Option<S>,
    start: impl Fn() -> Result<S, WalkError>,
) -> Result<&mut S, WalkError> {
    if state.is_none() {
        *state = Some(start()?);
    }
    Ok(state.as_mut().expect("it was filled just now"))
}
