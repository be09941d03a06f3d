/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What AddressSanitizer and ThreadSanitizer have to be told when control moves from one stack to
 * another. Macros, because what ThreadSanitizer counts as a call between its switch and ours would
 * be booked to the wrong fiber. Without a sanitizer nothing is left of them.
 *
 * asan_leave comes right before each switch and asan_arrive right behind it; save is where the
 * fake stack of the flow that is left is kept, NULL when that flow will not need it again.
 * tsan_switch comes last before the switch.
 */
#ifndef LOOP_SANITIZE_H
#define LOOP_SANITIZE_H

#include "base/attr.h"

#if SANITIZE_ADDRESS
#include <sanitizer/common_interface_defs.h>
#define asan_leave(save, low, size) __sanitizer_start_switch_fiber((save), (low), (size))
#define asan_arrive(saved, ret_low, ret_size) \
	__sanitizer_finish_switch_fiber((saved), (ret_low), (ret_size))
#define without_asan __attribute__((no_sanitize_address))
#else
#define asan_leave(save, low, size) ((void)(save), (void)(low), (void)(size))
#define asan_arrive(saved, ret_low, ret_size) ((void)(saved), (void)(ret_low), (void)(ret_size))
#define without_asan
#endif

#if SANITIZE_THREAD
#include <sanitizer/tsan_interface.h>
#define tsan_current() __tsan_get_current_fiber()
#define tsan_create() __tsan_create_fiber(0)
#define tsan_destroy(fiber) __tsan_destroy_fiber(fiber)
#define tsan_switch(fiber) __tsan_switch_to_fiber((fiber), 0)
#else
#define tsan_current() NULL
#define tsan_create() NULL
#define tsan_destroy(fiber) ((void)(fiber))
#define tsan_switch(fiber) ((void)(fiber))
#endif

#endif
