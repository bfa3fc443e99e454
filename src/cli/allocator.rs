//! The allocator, with an end in words where the system has no more memory: without it the process dies by a signal and without a reason.
//!
//! The only unsafe code of the program: each call is handed on as it came, a null is looked at before it is handed back, mimalloc is
//! asked to give back what was freed, and the process is ended without another step.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_int, c_long};

use mimalloc::MiMalloc;

use crate::cli::fault::out_of_memory;

/// mimalloc: freed memory is reused across threads instead of growing the heap chunk by chunk.
pub(crate) struct Allocator;

// SAFETY: every method hands its arguments, whose contract is the caller's, to the same method of MiMalloc, and gives back what that gave.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        had(unsafe { MiMalloc.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        had(unsafe { MiMalloc.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promised.
        had(unsafe { MiMalloc.realloc(at, layout, size) })
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { MiMalloc.dealloc(at, layout) }
    }
}

/// Gives memory that was freed back to the system, so that it no longer counts as held.
pub(crate) fn give_back() {
    // SAFETY: the function is mimalloc's own, of this name and type in every version; it may be called at any time on any thread.
    unsafe { mi_collect(true) }
}

/// Keeps what is freed for a twentieth of a second instead of a whole one: for a job whose buffers come and go, which then holds less.
pub(crate) fn for_passing_buffers() {
    // SAFETY: mimalloc's own function with an option it has in every version; it may be called at any time on any thread.
    unsafe { mi_option_set(PURGE_DELAY, 50) }
}

/// Takes pages of the ordinary size. Huge ones save a tenth of the user time where memory is at hand, and cost three seconds a gigabyte where
/// a host lends it to the machine piece by piece; measured in benches/README.md.
pub(crate) fn ordinary_pages() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call takes numbers alone and concerns this process alone; where the system does not know it, nothing happens.
    unsafe {
        prctl(SET_THP_DISABLE, 1, 0, 0, 0);
    }
}

/// Ends the process with an exit code; on Unix nothing else is run, neither what the runtime nor what C libraries do at an end.
#[cfg(unix)]
pub(crate) fn end_at_once(code: u8) -> ! {
    // SAFETY: POSIX's own function; it takes a number and does not return.
    unsafe { _exit(c_int::from(code)) }
}

#[cfg(not(unix))]
pub(crate) fn end_at_once(code: u8) -> ! {
    std::process::exit(i32::from(code))
}

/// mimalloc's `mi_option_purge_delay`, in milliseconds.
const PURGE_DELAY: c_int = 15;
/// Linux's `PR_SET_THP_DISABLE`.
#[cfg(target_os = "linux")]
const SET_THP_DISABLE: c_int = 41;

unsafe extern "C" {
    /// "Eagerly free memory", linked with [`MiMalloc`].
    fn mi_collect(force: bool);
    /// Sets an option of mimalloc.
    fn mi_option_set(option: c_int, value: c_long);
    #[cfg(unix)]
    fn _exit(code: c_int) -> !;
    #[cfg(target_os = "linux")]
    fn prctl(option: c_int, ...) -> c_int;
}

#[inline]
fn had(at: *mut u8) -> *mut u8 {
    if at.is_null() { out_of_memory() } else { at }
}
