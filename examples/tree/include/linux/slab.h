#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/types.h>

#define GFP_KERNEL 0x1u	/* may sleep */
#define GFP_NOFS 0x2u	/* may sleep, does not enter a filesystem */
#define GFP_ATOMIC 0x4u	/* never sleeps */
#define __GFP_NOWARN 0x8u

/* Each returns NULL when there is no memory; kfree(NULL) does nothing. */
void *__must_check kmalloc(size_t size, gfp_t gfp);
void *__must_check kzalloc(size_t size, gfp_t gfp);
void *__must_check kcalloc(size_t count, size_t size, gfp_t gfp);
void *__must_check kmemdup(const void *from, size_t size, gfp_t gfp);
char *__must_check kstrdup(const char *text, gfp_t gfp);
void kfree(const void *object);

#endif /* _LINUX_SLAB_H */
