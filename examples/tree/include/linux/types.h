#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

/* A stand-in: just enough of the basic types for the example tree to parse. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

typedef _Bool bool;
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ssize_t;
typedef unsigned int gfp_t;

#define NULL ((void *)0)
#define true 1
#define false 0

#define __must_check __attribute__((__warn_unused_result__))
#define __printf(format, first) __attribute__((__format__(printf, format, first)))
#define __init
#define __exit

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

#endif /* _LINUX_TYPES_H */
