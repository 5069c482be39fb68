#ifndef _LINUX_SLATE_H
#define _LINUX_SLATE_H

#include <linux/types.h>

#define SLATE_NAME_LEN 24

struct slate_pool;

/**
 * struct slate_stats - a snapshot of one pool
 * @name: name of the pool
 * @object_size: bytes of one object
 * @used: objects handed out
 * @spare: objects kept in reserve
 */
struct slate_stats {
	char name[SLATE_NAME_LEN];
	size_t object_size;
	unsigned int used;
	unsigned int spare;
};

struct slate_pool *__must_check slate_create(const char *name, size_t object_size, unsigned int min_spare);
int slate_destroy(struct slate_pool *pool);

void *__must_check slate_alloc(struct slate_pool *pool, gfp_t gfp);
void slate_free(struct slate_pool *pool, void *object);
int __must_check slate_refill(struct slate_pool *pool, gfp_t gfp);
unsigned int slate_shrink(struct slate_pool *pool, unsigned int nr);

void slate_stats_read(struct slate_pool *pool, struct slate_stats *stats);
struct slate_stats *__must_check slate_stats_all(unsigned int *count);
unsigned int slate_shrink_all(unsigned int nr);

#endif /* _LINUX_SLATE_H */
