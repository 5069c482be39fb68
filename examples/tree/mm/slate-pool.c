/*
 * slate: creation and removal of pools, and the list of all of them.
 *
 * Lock order: slate_pools_lock, then slate_pool.lock.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "slate.h"

LIST_HEAD(slate_pools);
DEFINE_MUTEX(slate_pools_lock);

/* Free chips that no pool lists any longer; no lock is needed. */
void slate_release_chips(struct list_head *chips)
{
	struct slate_chip *chip, *next;

	list_for_each_entry_safe(chip, next, chips, link) {
		list_del(&chip->link);
		kfree(chip);
	}
}

static struct slate_pool *slate_find(const char *name)
{
	struct slate_pool *pool;

	lockdep_assert_held(&slate_pools_lock);

	list_for_each_entry(pool, &slate_pools, link) {
		if (!strcmp(pool->name, name))
			return pool;
	}
	return NULL;
}

static int slate_publish(struct slate_pool *pool)
{
	int err = 0;

	mutex_lock(&slate_pools_lock);
	if (slate_find(pool->name)) {
		err = -EEXIST;
		goto out_unlock;
	}
	list_add_tail(&pool->link, &slate_pools);

out_unlock:
	mutex_unlock(&slate_pools_lock);
	return err;
}

/**
 * slate_create() - make a pool
 * @name: unique name, shorter than SLATE_NAME_LEN
 * @object_size: bytes of one object
 * @min_spare: objects to keep in reserve
 *
 * Context: May sleep.
 * Return: The pool, or an ERR_PTR: -EINVAL, -ENAMETOOLONG, -EEXIST or -ENOMEM.
 */
struct slate_pool *slate_create(const char *name, size_t object_size, unsigned int min_spare)
{
	struct slate_pool *pool;
	int err;

	if (!object_size)
		return ERR_PTR(-EINVAL);
	if (strlen(name) >= SLATE_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);

	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);

	strscpy(pool->name, name, sizeof(pool->name));
	pool->object_size = object_size;
	pool->min_spare = min_spare;
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->spare);

	err = slate_refill(pool, GFP_KERNEL);
	if (err)
		goto err_release;

	err = slate_publish(pool);
	if (err)
		goto err_release;

	return pool;

err_release:
	slate_release_chips(&pool->spare);
	kfree(pool);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(slate_create);

/**
 * slate_destroy() - remove a pool
 * @pool: from slate_create(); gone afterwards unless -EBUSY is returned
 *
 * Context: May sleep.
 * Return: 0, or -EBUSY when objects are still handed out.
 */
int slate_destroy(struct slate_pool *pool)
{
	struct slate_stats stats;
	int err = 0;

	mutex_lock(&slate_pools_lock);
	slate_stats_read(pool, &stats);
	if (stats.used) {
		pr_warn("slate: %s still has %u objects in use\n", stats.name, stats.used);
		err = -EBUSY;
		goto out_unlock;
	}
	list_del(&pool->link);

out_unlock:
	mutex_unlock(&slate_pools_lock);
	if (err)
		return err;

	slate_release_chips(&pool->spare);
	kfree(pool);
	return 0;
}
EXPORT_SYMBOL_GPL(slate_destroy);
