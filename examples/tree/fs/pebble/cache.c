/*
 * pebble: the block cache.
 *
 * Every block that pebble reads or writes passes through here. A block is
 * pinned from pebble_cache_get() to pebble_cache_put(); blocks without a pin
 * stay cached until max_cached is reached and are then evicted, coldest first.
 */

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/slate.h>

#include "pebble.h"

#define PEBBLE_BUCKETS 64
#define PEBBLE_MAX_CACHED 256
#define PEBBLE_SPARE_BLOCKS 8

static struct list_head *pebble_bucket(struct pebble_cache *cache, u32 number)
{
	return &cache->buckets[number % cache->nr_buckets];
}

static struct pebble_block *pebble_cache_find(struct pebble_cache *cache, u32 number)
{
	struct pebble_block *block;

	lockdep_assert_held(&cache->lock);

	list_for_each_entry(block, pebble_bucket(cache, number), hash) {
		if (block->number == number)
			return block;
	}
	return NULL;
}

static int pebble_block_write(struct pebble_cache *cache, struct pebble_block *block)
{
	int err;

	lockdep_assert_held(&cache->lock);

	if (!block->dirty)
		return 0;

	err = bdev_write(cache->bdev, (u64)block->number * cache->block_size, block->data, cache->block_size);
	if (err)
		return err;

	block->dirty = false;
	return 0;
}

static void pebble_block_free(struct pebble_cache *cache, struct pebble_block *block)
{
	kfree(block->data);
	slate_free(cache->pool, block);
}

/* Make room for one block. -EBUSY when every block is pinned. */
static int pebble_cache_evict(struct pebble_cache *cache)
{
	struct pebble_block *block, *coldest = NULL;
	int err;

	lockdep_assert_held(&cache->lock);

	if (cache->nr_cached < cache->max_cached)
		return 0;

	list_for_each_entry(block, &cache->lru, lru) {
		if (!block->pins)
			coldest = block;
	}
	if (!coldest)
		return -EBUSY;

	err = pebble_block_write(cache, coldest);
	if (err)
		return err;

	list_del(&coldest->hash);
	list_del(&coldest->lru);
	cache->nr_cached--;
	pebble_block_free(cache, coldest);
	return 0;
}

/* Read a block from the device; the caller links it. */
static struct pebble_block *pebble_block_read(struct pebble_cache *cache, u32 number)
{
	struct pebble_block *block;
	int err;

	block = slate_alloc(cache->pool, GFP_NOFS);
	if (!block)
		return ERR_PTR(-ENOMEM);

	block->number = number;
	block->data = kmalloc(cache->block_size, GFP_NOFS);
	if (!block->data) {
		err = -ENOMEM;
		goto err_free;
	}

	err = bdev_read(cache->bdev, (u64)number * cache->block_size, block->data, cache->block_size);
	if (err)
		goto err_free;

	return block;

err_free:
	pebble_block_free(cache, block);
	return ERR_PTR(err);
}

/**
 * pebble_cache_get() - find or read a block, and pin it
 * @cache: the cache
 * @number: block number on the device
 *
 * Context: May sleep. Takes cache->lock.
 * Return: The block, to be given back with pebble_cache_put(), or an ERR_PTR.
 */
struct pebble_block *pebble_cache_get(struct pebble_cache *cache, u32 number)
{
	struct pebble_block *block;
	int err;

	if (number >= cache->device_blocks)
		return ERR_PTR(-ERANGE);

	mutex_lock(&cache->lock);
	block = pebble_cache_find(cache, number);
	if (block) {
		list_move(&block->lru, &cache->lru);
		goto out_pin;
	}

	err = pebble_cache_evict(cache);
	if (err) {
		block = ERR_PTR(err);
		goto out_unlock;
	}

	block = pebble_block_read(cache, number);
	if (IS_ERR(block))
		goto out_unlock;

	list_add(&block->hash, pebble_bucket(cache, number));
	list_add(&block->lru, &cache->lru);
	cache->nr_cached++;

out_pin:
	block->pins++;
out_unlock:
	mutex_unlock(&cache->lock);
	return block;
}

/* Give back a block from pebble_cache_get(). */
void pebble_cache_put(struct pebble_cache *cache, struct pebble_block *block)
{
	mutex_lock(&cache->lock);
	block->pins--;
	mutex_unlock(&cache->lock);
}

/* Mark a pinned block as changed; it reaches the device at the next sync or eviction. */
void pebble_cache_dirty(struct pebble_cache *cache, struct pebble_block *block)
{
	mutex_lock(&cache->lock);
	block->dirty = true;
	mutex_unlock(&cache->lock);
}

/* Write every changed block; stops at the first error. */
int pebble_cache_sync(struct pebble_cache *cache)
{
	struct pebble_block *block;
	int err = 0;

	mutex_lock(&cache->lock);
	list_for_each_entry(block, &cache->lru, lru) {
		err = pebble_block_write(cache, block);
		if (err)
			break;
	}
	mutex_unlock(&cache->lock);
	return err;
}

struct pebble_cache *pebble_cache_create(struct block_device *bdev, u32 block_size, u32 nr_blocks)
{
	struct pebble_cache *cache;
	unsigned int i;
	int err;

	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	if (!cache)
		return ERR_PTR(-ENOMEM);

	cache->buckets = kcalloc(PEBBLE_BUCKETS, sizeof(*cache->buckets), GFP_KERNEL);
	if (!cache->buckets) {
		err = -ENOMEM;
		goto err_free_cache;
	}

	cache->pool = slate_create("pebble_block", sizeof(struct pebble_block), PEBBLE_SPARE_BLOCKS);
	if (IS_ERR(cache->pool)) {
		err = PTR_ERR(cache->pool);
		goto err_free_buckets;
	}

	for (i = 0; i < PEBBLE_BUCKETS; i++)
		INIT_LIST_HEAD(&cache->buckets[i]);
	mutex_init(&cache->lock);
	INIT_LIST_HEAD(&cache->lru);
	cache->bdev = bdev;
	cache->block_size = block_size;
	cache->device_blocks = nr_blocks;
	cache->nr_buckets = PEBBLE_BUCKETS;
	cache->max_cached = PEBBLE_MAX_CACHED;
	return cache;

err_free_buckets:
	kfree(cache->buckets);
err_free_cache:
	kfree(cache);
	return ERR_PTR(err);
}

/* The caller has synced the cache and given back every block. */
void pebble_cache_destroy(struct pebble_cache *cache)
{
	struct pebble_block *block, *next;

	list_for_each_entry_safe(block, next, &cache->lru, lru) {
		list_del(&block->lru);
		pebble_block_free(cache, block);
	}
	if (slate_destroy(cache->pool))
		pr_err("pebble: a block outlived its cache\n");
	mutex_destroy(&cache->lock);
	kfree(cache->buckets);
	kfree(cache);
}
