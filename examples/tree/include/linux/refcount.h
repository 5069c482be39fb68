#ifndef _LINUX_REFCOUNT_H
#define _LINUX_REFCOUNT_H

#include <linux/types.h>

typedef struct refcount {
	int count;
} refcount_t;

void refcount_set(refcount_t *ref, int count);
void refcount_inc(refcount_t *ref);
bool __must_check refcount_dec_and_test(refcount_t *ref);
unsigned int refcount_read(const refcount_t *ref);

#endif /* _LINUX_REFCOUNT_H */
