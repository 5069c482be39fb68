/*
 * pebble: directories, which are arrays of struct pebble_disk_entry.
 */

#include <linux/err.h>

#include "pebble.h"

static u32 pebble_entries_per_block(struct pebble_super *super)
{
	return super->disk.block_size / sizeof(struct pebble_disk_entry);
}

static bool pebble_entry_is(const struct pebble_disk_entry *entry, const char *name, size_t length)
{
	return entry->inode && entry->name_len == length && !memcmp(entry->name, name, length);
}

/* The entry of that name in @block, or a free one when @name is NULL; NULL if there is none. */
static struct pebble_disk_entry *pebble_dir_scan(struct pebble_super *super, struct pebble_block *block,
						 const char *name, size_t length)
{
	struct pebble_disk_entry *entries = (struct pebble_disk_entry *)block->data;
	u32 i;

	for (i = 0; i < pebble_entries_per_block(super); i++) {
		if (!name && !entries[i].inode)
			return &entries[i];
		if (name && pebble_entry_is(&entries[i], name, length))
			return &entries[i];
	}
	return NULL;
}

/**
 * pebble_dir_lookup() - find a name
 * @dir: directory
 * @name: the name
 * @number: set to the inode number
 *
 * Context: May sleep. Caller holds super->lock.
 * Return: 0, -ENOENT, -ENAMETOOLONG, or the error of the device.
 */
int pebble_dir_lookup(struct pebble_inode *dir, const char *name, u32 *number)
{
	struct pebble_super *super = dir->super;
	struct pebble_disk_entry *entry;
	size_t length = strlen(name);
	struct pebble_block *block;
	u32 i;

	lockdep_assert_held(&super->lock);

	if (length > PEBBLE_NAME_LEN)
		return -ENAMETOOLONG;

	for (i = 0; i < dir->disk.nr_blocks; i++) {
		block = pebble_cache_get(super->cache, dir->disk.first_block + i);
		if (IS_ERR(block))
			return PTR_ERR(block);

		entry = pebble_dir_scan(super, block, name, length);
		if (entry)
			*number = entry->inode;
		pebble_cache_put(super->cache, block);
		if (entry)
			return 0;
	}
	return -ENOENT;
}

/* Fill @entry of @block and journal the block; undone when the journal fails. */
static int pebble_dir_fill(struct pebble_super *super, struct pebble_block *block, struct pebble_disk_entry *entry,
			   const char *name, u32 number)
{
	int err;

	entry->inode = number;
	entry->name_len = strlen(name);
	memcpy(entry->name, name, entry->name_len);

	err = pebble_journal_append(super, block);
	if (err) {
		memset(entry, 0, sizeof(*entry));
		return err;
	}

	pebble_cache_dirty(super->cache, block);
	return 0;
}

/**
 * pebble_dir_add() - add a name
 * @dir: directory
 * @name: the name, which must not be there yet
 * @number: inode number, not 0
 *
 * Context: May sleep. Caller holds super->lock.
 * Return: 0, -EEXIST, -ENOSPC, -EINVAL, or another negative errno.
 */
int pebble_dir_add(struct pebble_inode *dir, const char *name, u32 number)
{
	struct pebble_super *super = dir->super;
	struct pebble_disk_entry *entry;
	struct pebble_block *block;
	int err;
	u32 i;

	if (!number)
		return -EINVAL;

	err = pebble_dir_lookup(dir, name, &i);
	if (err != -ENOENT)
		return err ? err : -EEXIST;

	for (i = 0; i < dir->disk.nr_blocks; i++) {
		block = pebble_cache_get(super->cache, dir->disk.first_block + i);
		if (IS_ERR(block))
			return PTR_ERR(block);

		entry = pebble_dir_scan(super, block, NULL, 0);
		if (entry)
			err = pebble_dir_fill(super, block, entry, name, number);
		pebble_cache_put(super->cache, block);
		if (entry)
			return err;
	}
	return -ENOSPC;
}
