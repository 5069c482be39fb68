#ifndef _MM_SLATE_H
#define _MM_SLATE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slate.h>
#include <linux/spinlock.h>

/**
 * struct slate_pool - objects of one size with a reserve
 * @name: shown in the statistics
 * @object_size: bytes of one object, without its chip
 * @min_spare: objects that slate_refill() keeps in reserve
 * @lock: protects @spare, @nr_spare and @nr_used; taken from interrupts
 * @spare: reserve, linked through slate_chip.link
 * @nr_spare: length of @spare
 * @nr_used: objects handed out
 * @link: entry in slate_pools, protected by slate_pools_lock
 */
struct slate_pool {
	char name[SLATE_NAME_LEN];
	size_t object_size;
	unsigned int min_spare;
	spinlock_t lock;
	struct list_head spare;
	unsigned int nr_spare;
	unsigned int nr_used;
	struct list_head link;
};

/* Stands before each object, so that a spare object needs no memory of its own to be listed. */
struct slate_chip {
	struct list_head link;
	struct slate_pool *pool;
};

extern struct list_head slate_pools;
extern struct mutex slate_pools_lock;

void slate_release_chips(struct list_head *chips);

#endif /* _MM_SLATE_H */
