/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Compiler attributes under readable names. Nothing here generates code.
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* The result says whether the call worked and may not be dropped. */
#define must_check __attribute__((warn_unused_result))

/* Format string is argument f, its values start at argument a (both from 1). */
#define printf_like(f, a) __attribute__((format(printf, f, a)))

/* Run fn(&variable) when the variable leaves its scope. */
#define cleanup(fn) __attribute__((cleanup(fn)))

#define unused __attribute__((unused))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The struct that embeds *ptr as its field. */
#define container_of(ptr, type, field) ((type *)((char *)(ptr)-offsetof(type, field)))

/* Whether this build runs under AddressSanitizer, and under ThreadSanitizer; gcc and clang tell. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZE_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZE_ADDRESS 1
#endif
#endif
#if !defined(SANITIZE_ADDRESS)
#define SANITIZE_ADDRESS 0
#endif

#if defined(__SANITIZE_THREAD__)
#define SANITIZE_THREAD 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZE_THREAD 1
#endif
#endif
#if !defined(SANITIZE_THREAD)
#define SANITIZE_THREAD 0
#endif

#endif
