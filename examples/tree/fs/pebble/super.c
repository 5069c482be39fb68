/*
 * pebble: mounting and unmounting.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "pebble.h"

static bool pebble_block_size_valid(u32 size)
{
	if (size < PEBBLE_MIN_BLOCK_SIZE || size > PEBBLE_MAX_BLOCK_SIZE)
		return false;
	return !(size & (size - 1));
}

/* True if @count blocks from @start on lie on the device. */
static bool pebble_range_valid(const struct pebble_disk_super *disk, u32 start, u32 count)
{
	return start < disk->nr_blocks && count <= disk->nr_blocks - start;
}

static int pebble_super_check(struct block_device *bdev, const struct pebble_disk_super *disk)
{
	u32 inode_blocks;

	if (disk->magic != PEBBLE_MAGIC || !pebble_block_size_valid(disk->block_size))
		return -EINVAL;
	if ((u64)disk->nr_blocks * disk->block_size > bdev_size(bdev))
		return -EUCLEAN;
	if (!pebble_range_valid(disk, disk->journal_start, disk->journal_blocks))
		return -EUCLEAN;

	inode_blocks = disk->nr_inodes / (disk->block_size / sizeof(struct pebble_disk_inode)) + 1;
	if (!pebble_range_valid(disk, disk->inode_start, inode_blocks))
		return -EUCLEAN;
	return 0;
}

static int pebble_super_read(struct pebble_super *super)
{
	int err;

	err = bdev_read(super->bdev, 0, &super->disk, sizeof(super->disk));
	if (err)
		return err;

	err = pebble_super_check(super->bdev, &super->disk);
	if (err)
		pr_err("pebble: the superblock is not valid: %d\n", err);
	return err;
}

static int pebble_root_open(struct pebble_super *super)
{
	int err;

	mutex_lock(&super->lock);
	err = pebble_journal_replay(super);
	if (err)
		goto out_unlock;

	super->root = pebble_inode_get(super, super->disk.root_inode);
	if (IS_ERR(super->root))
		err = PTR_ERR(super->root);

out_unlock:
	mutex_unlock(&super->lock);
	return err;
}

/**
 * pebble_mount() - mount the pebble on a device
 * @bdev: the device; stays with the caller
 *
 * Context: May sleep.
 * Return: The mount, to be ended with pebble_unmount(), or an ERR_PTR.
 */
struct pebble_super *pebble_mount(struct block_device *bdev)
{
	struct pebble_super *super;
	int err;

	super = kzalloc(sizeof(*super), GFP_KERNEL);
	if (!super)
		return ERR_PTR(-ENOMEM);

	mutex_init(&super->lock);
	INIT_LIST_HEAD(&super->inodes);
	super->bdev = bdev;

	err = pebble_super_read(super);
	if (err)
		goto err_free_super;

	super->cache = pebble_cache_create(bdev, super->disk.block_size, super->disk.nr_blocks);
	if (IS_ERR(super->cache)) {
		err = PTR_ERR(super->cache);
		goto err_free_super;
	}

	super->journal = pebble_journal_load(super);
	if (IS_ERR(super->journal)) {
		err = PTR_ERR(super->journal);
		goto err_destroy_cache;
	}

	err = pebble_root_open(super);
	if (err)
		goto err_release_journal;

	return super;

err_release_journal:
	pebble_journal_release(super->journal);
err_destroy_cache:
	pebble_cache_destroy(super->cache);
err_free_super:
	mutex_destroy(&super->lock);
	kfree(super);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(pebble_mount);

/* Write every changed block to the device. */
int pebble_sync(struct pebble_super *super)
{
	int err;

	mutex_lock(&super->lock);
	err = pebble_cache_sync(super->cache);
	mutex_unlock(&super->lock);
	return err;
}
EXPORT_SYMBOL_GPL(pebble_sync);

/* The caller has given back every inode but the root. */
void pebble_unmount(struct pebble_super *super)
{
	if (pebble_sync(super))
		pr_err("pebble: changes were lost at unmount\n");

	mutex_lock(&super->lock);
	pebble_inode_put(super->root);
	mutex_unlock(&super->lock);

	pebble_journal_release(super->journal);
	pebble_cache_destroy(super->cache);
	mutex_destroy(&super->lock);
	kfree(super);
}
EXPORT_SYMBOL_GPL(pebble_unmount);

MODULE_DESCRIPTION("pebble, a small filesystem with a journal");
