/*
 * pebble: inodes.
 *
 * An inode is in memory once: pebble_inode_get() finds it in super->inodes or
 * reads it. The last pebble_inode_put() takes it off the list again.
 */

#include <linux/err.h>
#include <linux/slab.h>

#include "pebble.h"

static u32 pebble_inodes_per_block(struct pebble_super *super)
{
	return super->disk.block_size / sizeof(struct pebble_disk_inode);
}

/* Pin the block that holds inode @number. */
static struct pebble_block *pebble_inode_block(struct pebble_super *super, u32 number)
{
	if (number >= super->disk.nr_inodes)
		return ERR_PTR(-ERANGE);

	return pebble_cache_get(super->cache, super->disk.inode_start + number / pebble_inodes_per_block(super));
}

static struct pebble_disk_inode *pebble_inode_slot(struct pebble_super *super, struct pebble_block *block, u32 number)
{
	struct pebble_disk_inode *slots = (struct pebble_disk_inode *)block->data;

	return &slots[number % pebble_inodes_per_block(super)];
}

static struct pebble_inode *pebble_inode_find(struct pebble_super *super, u32 number)
{
	struct pebble_inode *inode;

	lockdep_assert_held(&super->lock);

	list_for_each_entry(inode, &super->inodes, link) {
		if (inode->number == number)
			return inode;
	}
	return NULL;
}

static struct pebble_inode *pebble_inode_read(struct pebble_super *super, u32 number)
{
	struct pebble_block *block;
	struct pebble_inode *inode;

	inode = kzalloc(sizeof(*inode), GFP_NOFS);
	if (!inode)
		return ERR_PTR(-ENOMEM);

	block = pebble_inode_block(super, number);
	if (IS_ERR(block)) {
		kfree(inode);
		return ERR_CAST(block);
	}

	inode->disk = *pebble_inode_slot(super, block, number);
	pebble_cache_put(super->cache, block);

	inode->super = super;
	inode->number = number;
	refcount_set(&inode->ref, 1);
	return inode;
}

/**
 * pebble_inode_get() - take a reference on an inode, reading it if need be
 * @super: the mount
 * @number: inode number
 *
 * Context: May sleep. Caller holds super->lock.
 * Return: The inode, to be given back with pebble_inode_put(), or an ERR_PTR.
 */
struct pebble_inode *pebble_inode_get(struct pebble_super *super, u32 number)
{
	struct pebble_inode *inode;

	lockdep_assert_held(&super->lock);

	inode = pebble_inode_find(super, number);
	if (inode) {
		refcount_inc(&inode->ref);
		return inode;
	}

	inode = pebble_inode_read(super, number);
	if (IS_ERR(inode))
		return inode;

	list_add(&inode->link, &super->inodes);
	return inode;
}

/* Caller holds super->lock, which keeps pebble_inode_find() from the dying inode. */
void pebble_inode_put(struct pebble_inode *inode)
{
	lockdep_assert_held(&inode->super->lock);

	if (!refcount_dec_and_test(&inode->ref))
		return;

	list_del(&inode->link);
	kfree(inode);
}

/**
 * pebble_inode_write() - journal an inode and copy it into its block
 * @inode: the inode
 *
 * Context: May sleep. Caller holds super->lock.
 * Return: 0 or a negative errno; the block is then as it was.
 */
int pebble_inode_write(struct pebble_inode *inode)
{
	struct pebble_super *super = inode->super;
	struct pebble_disk_inode *slot, old;
	struct pebble_block *block;
	int err;

	lockdep_assert_held(&super->lock);

	block = pebble_inode_block(super, inode->number);
	if (IS_ERR(block))
		return PTR_ERR(block);

	slot = pebble_inode_slot(super, block, inode->number);
	old = *slot;
	*slot = inode->disk;

	err = pebble_journal_append(super, block);
	if (err) {
		*slot = old;
		goto out_put;
	}
	pebble_cache_dirty(super->cache, block);

out_put:
	pebble_cache_put(super->cache, block);
	return err;
}
