/*
 * slate: objects of one size with a reserve for callers that must not wait.
 *
 * slate_alloc() takes from the reserve before it asks the slab allocator, so an
 * interrupt handler finds an object as long as somebody refills in time.
 */

#include <linux/module.h>
#include <linux/slab.h>

#include "slate.h"

static struct slate_chip *chip_of(void *object)
{
	return (struct slate_chip *)object - 1;
}

static void *object_of(struct slate_chip *chip)
{
	return chip + 1;
}

static struct slate_chip *slate_new_chip(struct slate_pool *pool, gfp_t gfp)
{
	struct slate_chip *chip;

	chip = kmalloc(sizeof(*chip) + pool->object_size, gfp);
	if (!chip)
		return NULL;

	INIT_LIST_HEAD(&chip->link);
	chip->pool = pool;
	return chip;
}

/* Caller holds pool->lock. NULL when the reserve is empty. */
static struct slate_chip *slate_take_spare(struct slate_pool *pool)
{
	struct slate_chip *chip;

	lockdep_assert_held(&pool->lock);

	if (list_empty(&pool->spare))
		return NULL;

	chip = list_first_entry(&pool->spare, struct slate_chip, link);
	list_del(&chip->link);
	pool->nr_spare--;
	return chip;
}

/**
 * slate_alloc() - get an object
 * @pool: where from
 * @gfp: flags for the slab allocator when the reserve is empty
 *
 * The object is zeroed.
 *
 * Context: Any context if @gfp is GFP_ATOMIC. May sleep if @gfp allows it.
 * Return: The object, or NULL when there is no memory.
 */
void *slate_alloc(struct slate_pool *pool, gfp_t gfp)
{
	struct slate_chip *chip;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	chip = slate_take_spare(pool);
	spin_unlock_irqrestore(&pool->lock, flags);

	if (!chip)
		chip = slate_new_chip(pool, gfp);
	if (!chip)
		return NULL;

	spin_lock_irqsave(&pool->lock, flags);
	pool->nr_used++;
	spin_unlock_irqrestore(&pool->lock, flags);

	return memset(object_of(chip), 0, pool->object_size);
}
EXPORT_SYMBOL_GPL(slate_alloc);

/**
 * slate_free() - give an object back
 * @pool: the pool that it came from
 * @object: from slate_alloc(), or NULL
 *
 * The object goes to the reserve while that is short, else to the slab allocator.
 *
 * Context: Any context.
 */
void slate_free(struct slate_pool *pool, void *object)
{
	struct slate_chip *chip;
	unsigned long flags;

	if (!object)
		return;

	chip = chip_of(object);
	if (chip->pool != pool) {
		pr_err("slate: object of another pool given to %s\n", pool->name);
		return;
	}

	spin_lock_irqsave(&pool->lock, flags);
	pool->nr_used--;
	if (pool->nr_spare < pool->min_spare) {
		list_add(&chip->link, &pool->spare);
		pool->nr_spare++;
		chip = NULL;
	}
	spin_unlock_irqrestore(&pool->lock, flags);

	kfree(chip);
}
EXPORT_SYMBOL_GPL(slate_free);

/**
 * slate_refill() - fill the reserve up to its minimum
 * @pool: the pool
 * @gfp: flags for the slab allocator
 *
 * The lock is dropped around each allocation, so the reserve may end up a
 * little above the minimum when two callers refill at once.
 *
 * Return: 0, or -ENOMEM with what could be had in the reserve.
 */
int slate_refill(struct slate_pool *pool, gfp_t gfp)
{
	struct slate_chip *chip;
	unsigned long flags;
	bool full;

	for (;;) {
		spin_lock_irqsave(&pool->lock, flags);
		full = pool->nr_spare >= pool->min_spare;
		spin_unlock_irqrestore(&pool->lock, flags);
		if (full)
			return 0;

		chip = slate_new_chip(pool, gfp);
		if (!chip)
			return -ENOMEM;

		spin_lock_irqsave(&pool->lock, flags);
		list_add(&chip->link, &pool->spare);
		pool->nr_spare++;
		spin_unlock_irqrestore(&pool->lock, flags);
	}
}
EXPORT_SYMBOL_GPL(slate_refill);

/**
 * slate_shrink() - free spare objects
 * @pool: the pool
 * @nr: how many at most
 *
 * Return: How many were freed.
 */
unsigned int slate_shrink(struct slate_pool *pool, unsigned int nr)
{
	struct slate_chip *chip;
	unsigned int freed = 0;
	unsigned long flags;
	LIST_HEAD(chips);

	spin_lock_irqsave(&pool->lock, flags);
	while (freed < nr) {
		chip = slate_take_spare(pool);
		if (!chip)
			break;
		list_add(&chip->link, &chips);
		freed++;
	}
	spin_unlock_irqrestore(&pool->lock, flags);

	slate_release_chips(&chips);
	return freed;
}
EXPORT_SYMBOL_GPL(slate_shrink);
