/*
 * pebble: the journal.
 *
 * A changed block is written to the journal before it is written to its place.
 * Each journal block holds a struct pebble_record and the first bytes of the
 * target; the sequence number tells the newest records from older ones.
 *
 * Lock order: pebble_super.lock, pebble_journal.lock, pebble_cache.lock.
 */

#include <linux/err.h>
#include <linux/slab.h>

#include "pebble.h"

static u64 pebble_journal_offset(struct pebble_super *super, u32 slot)
{
	return (u64)(super->disk.journal_start + slot) * super->disk.block_size;
}

static u32 pebble_record_room(struct pebble_super *super)
{
	return super->disk.block_size - sizeof(struct pebble_record);
}

static bool pebble_record_valid(struct pebble_super *super, const struct pebble_record *record)
{
	if (record->magic != PEBBLE_RECORD_MAGIC)
		return false;
	if (record->length > pebble_record_room(super))
		return false;
	return record->target < super->disk.nr_blocks;
}

/**
 * pebble_journal_load() - find the end of the journal
 * @super: being mounted; the superblock is read already
 *
 * Context: May sleep.
 * Return: The journal, or an ERR_PTR: -ENOMEM, -EINVAL, or the error of the device.
 */
struct pebble_journal *pebble_journal_load(struct pebble_super *super)
{
	struct pebble_journal *journal;
	struct pebble_record record;
	u32 slot;
	int err;

	if (!super->disk.journal_blocks)
		return ERR_PTR(-EINVAL);

	journal = kzalloc(sizeof(*journal), GFP_KERNEL);
	if (!journal)
		return ERR_PTR(-ENOMEM);

	mutex_init(&journal->lock);
	journal->start = super->disk.journal_start;
	journal->nr_blocks = super->disk.journal_blocks;

	for (slot = 0; slot < journal->nr_blocks; slot++) {
		err = bdev_read(super->bdev, pebble_journal_offset(super, slot), &record, sizeof(record));
		if (err)
			goto err_free;
		if (!pebble_record_valid(super, &record) || record.sequence < journal->sequence)
			break;
		journal->head = slot + 1;
		journal->sequence = record.sequence + 1;
	}
	return journal;

err_free:
	mutex_destroy(&journal->lock);
	kfree(journal);
	return ERR_PTR(err);
}

void pebble_journal_release(struct pebble_journal *journal)
{
	mutex_destroy(&journal->lock);
	kfree(journal);
}

/**
 * pebble_journal_append() - write a block to the journal
 * @super: the mount
 * @block: pinned and changed
 *
 * Context: May sleep. Caller holds super->lock.
 * Return: 0, -ENOSPC when the journal is full, -ENOMEM, or the error of the device.
 */
int pebble_journal_append(struct pebble_super *super, const struct pebble_block *block)
{
	struct pebble_journal *journal = super->journal;
	struct pebble_record *record;
	int err;

	lockdep_assert_held(&super->lock);

	record = kzalloc(super->disk.block_size, GFP_NOFS);
	if (!record)
		return -ENOMEM;

	mutex_lock(&journal->lock);
	if (journal->head >= journal->nr_blocks) {
		err = -ENOSPC;
		goto out_unlock;
	}

	record->magic = PEBBLE_RECORD_MAGIC;
	record->sequence = journal->sequence;
	record->target = block->number;
	record->length = pebble_record_room(super);
	memcpy(record + 1, block->data, record->length);

	err = bdev_write(super->bdev, pebble_journal_offset(super, journal->head), record, super->disk.block_size);
	if (err)
		goto out_unlock;

	journal->head++;
	journal->sequence++;

out_unlock:
	mutex_unlock(&journal->lock);
	kfree(record);
	return err;
}

static int pebble_journal_replay_one(struct pebble_super *super, const struct pebble_record *record)
{
	struct pebble_block *block;

	block = pebble_cache_get(super->cache, record->target);
	if (IS_ERR(block))
		return PTR_ERR(block);

	memcpy(block->data, record + 1, record->length);
	pebble_cache_dirty(super->cache, block);
	pebble_cache_put(super->cache, block);
	return 0;
}

/**
 * pebble_journal_replay() - copy journalled blocks to their places
 * @super: being mounted, with cache and journal
 *
 * Context: May sleep. Caller holds super->lock.
 * Return: 0, -EUCLEAN for a record that changed since it was found, or another errno.
 */
int pebble_journal_replay(struct pebble_super *super)
{
	struct pebble_journal *journal = super->journal;
	struct pebble_record *record;
	int err = 0;
	u32 slot;

	lockdep_assert_held(&super->lock);

	record = kmalloc(super->disk.block_size, GFP_NOFS);
	if (!record)
		return -ENOMEM;

	mutex_lock(&journal->lock);
	for (slot = 0; slot < journal->head; slot++) {
		err = bdev_read(super->bdev, pebble_journal_offset(super, slot), record, super->disk.block_size);
		if (err)
			goto out_unlock;
		if (!pebble_record_valid(super, record)) {
			err = -EUCLEAN;
			goto out_unlock;
		}
		err = pebble_journal_replay_one(super, record);
		if (err)
			goto out_unlock;
	}

	err = pebble_cache_sync(super->cache);
	if (!err)
		journal->head = 0;

out_unlock:
	mutex_unlock(&journal->lock);
	kfree(record);
	return err;
}
