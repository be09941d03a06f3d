/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a suspended context's stack ends, at sp, in exactly the frame that loop_context_swap
 * pushes; context_init writes such a frame by hand. Only what the platform's calling convention
 * lets a callee keep is saved: the compiler has saved the rest around the call. The signal mask
 * belongs to the thread and is not part of it.
 */
#include "loop/context.h"

#include <stdint.h>
#include <string.h>

#if CONTEXT_UCONTEXT

void context_init(struct context *c, void *low, size_t size, void (*entry)(void))
{
	getcontext(&c->saved);
	c->saved.uc_stack.ss_sp = low;
	c->saved.uc_stack.ss_size = size;
	c->saved.uc_link = NULL;
	makecontext(&c->saved, entry, 0);
}

#else

#if defined(__x86_64__)

/* mxcsr and the x87 control word in one word; r15 r14 r13 r12 rbx rbp; return address. */
__asm__(".text\n"
	".p2align 4\n"
	".globl loop_context_swap\n"
	".hidden loop_context_swap\n"
	".type loop_context_swap, @function\n"
	"loop_context_swap:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	subq $8, %rsp\n"
	"	stmxcsr (%rsp)\n"
	"	fnstcw 4(%rsp)\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	ldmxcsr (%rsp)\n"
	"	fldcw 4(%rsp)\n"
	"	addq $8, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size loop_context_swap, . - loop_context_swap\n");

/* One word more than the frame, 0, stands where entry's caller would have left its address. */
#define FRAME_WORDS 9
#define FRAME_ENTRY 7

static void frame_control(uint64_t *frame)
{
	uint32_t mxcsr;
	uint16_t x87;

	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	__asm__ volatile("fnstcw %0" : "=m"(x87));
	frame[0] = mxcsr | (uint64_t)x87 << 32;
}

#else

/* x19..x28, x29 (frame pointer), x30 (return address), d8..d15. */
__asm__(".text\n"
	".p2align 4\n"
	".globl loop_context_swap\n"
	".hidden loop_context_swap\n"
	".type loop_context_swap, %function\n"
	"loop_context_swap:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x2, sp\n"
	"	str x2, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size loop_context_swap, . - loop_context_swap\n");

#define FRAME_WORDS 20
#define FRAME_ENTRY 11

static void frame_control(uint64_t *frame)
{
	(void)frame; /* the floating-point control register is the thread's */
}

#endif

void context_init(struct context *c, void *low, size_t size, void (*entry)(void))
{
	uintptr_t top = ((uintptr_t)low + size) & ~(uintptr_t)15;
	uint64_t *frame = (uint64_t *)top - FRAME_WORDS;

	/* Zeroes in the frame pointer and above entry end every walk up the stack. */
	memset(frame, 0, FRAME_WORDS * sizeof(*frame));
	frame_control(frame);
	frame[FRAME_ENTRY] = (uint64_t)(uintptr_t)entry;
	c->sp = frame;
}

#endif
