#ifndef _FS_PEBBLE_PEBBLE_H
#define _FS_PEBBLE_PEBBLE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pebble.h>
#include <linux/refcount.h>

struct slate_pool;

/**
 * struct pebble_block - one cached block
 * @hash: entry in a bucket
 * @lru: entry in pebble_cache.lru, the coldest last
 * @number: block number on the device
 * @pins: users; a pinned block is never evicted
 * @dirty: differs from the device
 * @data: pebble_cache.block_size bytes
 *
 * All but @data are protected by pebble_cache.lock; @data by pebble_super.lock.
 */
struct pebble_block {
	struct list_head hash;
	struct list_head lru;
	u32 number;
	unsigned int pins;
	bool dirty;
	u8 *data;
};

struct pebble_cache {
	struct mutex lock;
	struct block_device *bdev;
	u32 block_size;
	u32 device_blocks;
	unsigned int nr_buckets;
	struct list_head *buckets;
	struct list_head lru;
	unsigned int nr_cached;
	unsigned int max_cached;
	struct slate_pool *pool;
};

/**
 * struct pebble_journal - where the next record goes
 * @lock: protects @head and @sequence
 * @start: first block of the journal on the device
 * @nr_blocks: its length
 * @head: next block to write, counted from @start
 * @sequence: of the next record
 */
struct pebble_journal {
	struct mutex lock;
	u32 start;
	u32 nr_blocks;
	u32 head;
	u32 sequence;
};

struct pebble_inode {
	struct list_head link;
	refcount_t ref;
	struct pebble_super *super;
	u32 number;
	struct pebble_disk_inode disk;
};

/**
 * struct pebble_super - a mounted pebble
 * @lock: protects @inodes and what cached blocks hold; outermost lock
 */
struct pebble_super {
	struct mutex lock;
	struct block_device *bdev;
	struct pebble_disk_super disk;
	struct pebble_cache *cache;
	struct pebble_journal *journal;
	struct list_head inodes;
	struct pebble_inode *root;
};

struct pebble_cache *__must_check pebble_cache_create(struct block_device *bdev, u32 block_size, u32 nr_blocks);
void pebble_cache_destroy(struct pebble_cache *cache);
struct pebble_block *__must_check pebble_cache_get(struct pebble_cache *cache, u32 number);
void pebble_cache_put(struct pebble_cache *cache, struct pebble_block *block);
void pebble_cache_dirty(struct pebble_cache *cache, struct pebble_block *block);
int __must_check pebble_cache_sync(struct pebble_cache *cache);

struct pebble_journal *__must_check pebble_journal_load(struct pebble_super *super);
void pebble_journal_release(struct pebble_journal *journal);
int __must_check pebble_journal_append(struct pebble_super *super, const struct pebble_block *block);
int __must_check pebble_journal_replay(struct pebble_super *super);

struct pebble_inode *__must_check pebble_inode_get(struct pebble_super *super, u32 number);
void pebble_inode_put(struct pebble_inode *inode);
int __must_check pebble_inode_write(struct pebble_inode *inode);

int __must_check pebble_dir_lookup(struct pebble_inode *dir, const char *name, u32 *number);
int __must_check pebble_dir_add(struct pebble_inode *dir, const char *name, u32 number);

#endif /* _FS_PEBBLE_PEBBLE_H */
