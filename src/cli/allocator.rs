//! The allocator, with an end in words where the system has no more memory: without it the process dies by a signal and without a reason.
//!
//! The only unsafe code of the program: each call is handed on as it came, and a null is looked at before it is handed back.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};

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

#[inline]
fn had(at: *mut u8) -> *mut u8 {
    if at.is_null() { out_of_memory() } else { at }
}
