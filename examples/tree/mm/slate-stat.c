/*
 * slate: statistics over all pools, and shrinking under memory pressure.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "slate.h"

/**
 * slate_stats_read() - take a snapshot of one pool
 * @pool: the pool
 * @stats: filled in
 *
 * Context: Any context.
 */
void slate_stats_read(struct slate_pool *pool, struct slate_stats *stats)
{
	unsigned long flags;

	strscpy(stats->name, pool->name, sizeof(stats->name));
	stats->object_size = pool->object_size;

	spin_lock_irqsave(&pool->lock, flags);
	stats->used = pool->nr_used;
	stats->spare = pool->nr_spare;
	spin_unlock_irqrestore(&pool->lock, flags);
}
EXPORT_SYMBOL_GPL(slate_stats_read);

static unsigned int slate_count_pools(void)
{
	struct slate_pool *pool;
	unsigned int count = 0;

	lockdep_assert_held(&slate_pools_lock);

	list_for_each_entry(pool, &slate_pools, link)
		count++;
	return count;
}

/**
 * slate_stats_all() - take a snapshot of every pool
 * @count: set to the number of pools
 *
 * Context: May sleep.
 * Return: An array that the caller frees with kfree(), or an ERR_PTR: -ENOENT
 * when there is no pool, -ENOMEM.
 */
struct slate_stats *slate_stats_all(unsigned int *count)
{
	struct slate_stats *stats;
	struct slate_pool *pool;
	unsigned int i = 0;

	mutex_lock(&slate_pools_lock);
	*count = slate_count_pools();
	if (!*count) {
		stats = ERR_PTR(-ENOENT);
		goto out_unlock;
	}

	stats = kcalloc(*count, sizeof(*stats), GFP_KERNEL);
	if (!stats) {
		stats = ERR_PTR(-ENOMEM);
		goto out_unlock;
	}

	list_for_each_entry(pool, &slate_pools, link)
		slate_stats_read(pool, &stats[i++]);

out_unlock:
	mutex_unlock(&slate_pools_lock);
	return stats;
}
EXPORT_SYMBOL_GPL(slate_stats_all);

/**
 * slate_shrink_all() - free spare objects of all pools
 * @nr: how many at most
 *
 * Called under memory pressure. Gives up rather than waits when the list of
 * pools is locked: its holder may be the one that asks for memory.
 *
 * Return: How many were freed.
 */
unsigned int slate_shrink_all(unsigned int nr)
{
	struct slate_pool *pool;
	unsigned int freed = 0;

	if (!mutex_trylock(&slate_pools_lock))
		return 0;

	list_for_each_entry(pool, &slate_pools, link) {
		if (freed >= nr)
			break;
		freed += slate_shrink(pool, nr - freed);
	}

	mutex_unlock(&slate_pools_lock);
	return freed;
}
EXPORT_SYMBOL_GPL(slate_shrink_all);
